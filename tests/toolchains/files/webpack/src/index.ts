import { predict } from "./predict";

const shown = document.createElement("output");
shown.id = "prediction";
document.body.append(shown);
void predict().then((prediction) => {
  shown.textContent = prediction;
});
