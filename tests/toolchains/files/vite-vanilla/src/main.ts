import { predict } from "./predict";

const shown = document.createElement("output");
shown.id = "prediction";
document.querySelector("#app")!.replaceChildren(shown);
await predict((prediction) => {
  shown.textContent = prediction;
});
