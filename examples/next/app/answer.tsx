// What the network makes of a picture: a verdict, and a bar for each of the likeliest things.

export interface Score {
  readonly label: string;
  readonly score: number;
}

interface Props {
  /** The likeliest, the best first; null while there is no answer. */
  readonly classes: readonly Score[] | null;
  /** What to say then, and whether something went wrong. */
  readonly hint: string;
  readonly wrong: boolean;
}

const wholePercent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });

/** Whole percents; what is less than certain is never said to be 100 %. */
function percent(probability: number): string {
  return probability >= 0.995 && probability < 1 ? ">99%" : wholePercent.format(probability);
}

export default function Answer({ classes, hint, wrong }: Props) {
  const best = classes?.[0];
  return (
    <section className="answer" aria-label="Answer">
      <p className="verdict" role="status" data-label={best?.label ?? ""}>
        {best ? (
          <>
            <strong>{best.label === "nothing" ? "Nothing I know" : best.label}</strong> <span>{percent(best.score)} sure</span>
          </>
        ) : (
          <span className={wrong ? "wrong" : ""}>{hint}</span>
        )}
      </p>
      <ol className="bars" aria-label="What is likeliest">
        {(classes ?? [null, null, null, null]).map((found, place) => (
          <li key={place}>
            <b>{found?.label ?? "–"}</b>
            <span className="track">
              <span className="bar" style={{ width: `${(found?.score ?? 0) * 100}%` }} />
            </span>
            <span className="figure">{found && percent(found.score)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
