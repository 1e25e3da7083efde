import { predict } from "./predict";

document.querySelector("#app")!.innerHTML = `<output id="prediction">${await predict()}</output>`;
