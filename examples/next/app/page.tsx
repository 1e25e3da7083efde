// The page, which the server renders: words, and which sample pictures there are. What happens is up to the classifier.

import { readdir } from "node:fs/promises";
import Classifier from "./classifier";

export default async function Page() {
  const files = await readdir("public/samples");
  const samples = files.sort().map((file) => ({ name: file.replace(/\.png$/, ""), url: `/samples/${file}` }));
  return (
    <main>
      <header>
        <h1>What is in the picture?</h1>
        <p>
          Drop a picture of a drawing or an emoji. A small neural network says which of twelve things it shows. It runs in
          this page: your picture is sent nowhere.
        </p>
      </header>
      <Classifier samples={samples} />
    </main>
  );
}
