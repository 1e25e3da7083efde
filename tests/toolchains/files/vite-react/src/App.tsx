import { useEffect, useState } from "react";
import { predict } from "./predict";

export default function App() {
  const [prediction, setPrediction] = useState("");
  useEffect(() => {
    void predict(setPrediction);
  }, []);
  return <output id="prediction">{prediction}</output>;
}
