import { predict } from "./predict";

const shown = document.createElement("output");
shown.id = "prediction";
document.body.append(shown);
void predict((prediction) => {
  shown.textContent = prediction;
});
