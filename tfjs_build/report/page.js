// Makes the heads of tables buttons that sort: ascending, descending, as it was. All else of the page is without a script.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const before = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, at) => {
    const cell = row.cells[at];
    const number = cell.dataset.value;
    return number === undefined ? cell.textContent.trim() : number === "" ? undefined : Number(number);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const next = { null: "ascending", ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
      for (const each of heads) each.removeAttribute("aria-sort");
      const rows = [...before];
      if (next) {
        head.setAttribute("aria-sort", next);
        const sign = next === "ascending" ? 1 : -1;
        // What has no number stays at the end, whichever way.
        rows.sort((left, right) => {
          const [a, b] = [value(left, at), value(right, at)];
          return a === undefined || b === undefined ? (a === undefined) - (b === undefined) : sign * compare(a, b);
        });
      }
      body.append(...rows);
    });
  });
}
