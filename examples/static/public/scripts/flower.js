// Draws an iris from above, true to scale: three sepals, and three petals between them.

const SVG = "http://www.w3.org/2000/svg";
const SIDES = [0, 120, 240];

/** Draws the flower into the SVG, one unit of which is a centimetre. */
export function drawFlower(svg, [sepalLength, sepalWidth, petalLength, petalWidth]) {
  leaves(svg.querySelector(".sepals"), sepalLength, sepalWidth, 0);
  leaves(svg.querySelector(".petals"), petalLength, petalWidth, 60);
}

function leaves(group, length, width, turn) {
  const shape = outline(length, width);
  const vein = `M 0 0 V ${-0.8 * length}`;
  if (!group.hasChildNodes()) {
    for (const angle of SIDES) {
      const leaf = group.appendChild(document.createElementNS(SVG, "g"));
      leaf.setAttribute("transform", `rotate(${angle + turn})`);
      for (const kind of ["blade", "vein"]) leaf.appendChild(document.createElementNS(SVG, "path")).setAttribute("class", kind);
    }
  }
  for (const leaf of group.children) {
    leaf.querySelector(".blade").setAttribute("d", shape);
    leaf.querySelector(".vein").setAttribute("d", vein);
  }
}

/** The outline of a leaf that points up from the origin: narrow at its base, widest two thirds of the way. */
function outline(length, width) {
  // Curves do not reach the points that bend them: with this factor the leaf is as wide as it should be.
  const out = width * 0.6865;
  const base = width * 0.1;
  const half = (side) =>
    `C ${side * base} ${-0.3 * length}, ${side * out} ${-0.5 * length}, ${side * out * 0.64} ${-0.8 * length}`;
  return (
    `M 0 0 ${half(-1)} C ${-out * 0.46} ${-0.96 * length}, ${-out * 0.15} ${-length}, 0 ${-length} ` +
    `C ${out * 0.15} ${-length}, ${out * 0.46} ${-0.96 * length}, ${out * 0.64} ${-0.8 * length} ` +
    `C ${out} ${-0.5 * length}, ${base} ${-0.3 * length}, 0 0 Z`
  );
}
