// Takes a picture that is dropped, pasted, chosen or one of the samples, and shows what the network makes of it.
"use client";

import { useCallback, useEffect, useRef, useState, type DragEvent } from "react";
import Answer, { type Score } from "./answer";
import { useNetwork } from "./use-network";

interface Sample {
  readonly name: string;
  readonly url: string;
}

/** A picture that is to be looked at: a file of the person's, or a sample. */
interface Chosen {
  readonly name: string;
  readonly url: string;
  readonly file: Blob | null;
}

export default function Classifier({ samples }: { readonly samples: readonly Sample[] }) {
  const { model, progress, error } = useNetwork();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [classes, setClasses] = useState<readonly Score[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const take = useCallback((file: File | null | undefined) => {
    if (!file) return;
    setClasses(null);
    setProblem(null);
    setChosen({ name: file.name, url: URL.createObjectURL(file), file });
  }, []);

  // The address of a file is given back when another picture takes its place.
  useEffect(() => {
    if (chosen?.file) return () => URL.revokeObjectURL(chosen.url);
  }, [chosen]);

  useEffect(() => {
    const pasted = (event: ClipboardEvent) => take(event.clipboardData?.files[0]);
    addEventListener("paste", pasted);
    return () => removeEventListener("paste", pasted);
  }, [take]);

  // Looks at the picture as soon as both are there; what comes late, for a picture that is gone, does not count.
  useEffect(() => {
    if (!model || !chosen) return;
    let wanted = true;
    const look = async () => {
      const picture = chosen.file ?? (await (await fetch(chosen.url)).blob());
      const found = await model.classify(picture, { topK: 4 });
      if (wanted) setClasses(found);
    };
    look().catch(() => {
      if (!wanted) return;
      setChosen(null);
      setProblem(`${chosen.name} is no picture that this browser can read.`);
    });
    return () => {
      wanted = false;
    };
  }, [model, chosen]);

  function dropped(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  }

  return (
    <div className="classifier">
      <section
        aria-label="Picture"
        className={over ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={dropped}
      >
        {chosen ? (
          // The picture as it is: there is nothing for Next.js to optimize.
          <img src={chosen.url} alt={`What is looked at: ${chosen.name}`} />
        ) : (
          <p className="invitation">
            <strong>Drop a picture here</strong>
            or paste one
          </p>
        )}
        <button type="button" className="main" onClick={() => input.current?.click()}>
          {chosen ? "Another picture" : "Choose a picture"}
        </button>
        <input
          ref={input}
          type="file"
          accept="image/*"
          hidden
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = ""; // the same file can be chosen again
          }}
        />
      </section>

      <Answer
        classes={classes}
        hint={
          problem ??
          (error ? `The network could not be loaded: ${error}` : chosen ? (model ? "Looking …" : loading(progress)) : "No picture yet")
        }
        wrong={problem !== null || error !== null}
      />

      <section className="samples" aria-label="Samples">
        <h2>Or try one of these</h2>
        <ul>
          {samples.map(({ name, url }) => (
            <li key={url}>
              <button
                type="button"
                aria-pressed={chosen?.url === url}
                aria-label={`Sample: ${name}`}
                onClick={() => {
                  if (chosen?.url === url) return;
                  setClasses(null);
                  setProblem(null);
                  setChosen({ name, url, file: null });
                }}
              >
                <img src={url} alt="" width={96} height={96} />
              </button>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function loading(progress: number): string {
  return progress > 0 ? `The network is loading: ${Math.round(progress * 100)} %` : "The network is loading …";
}
