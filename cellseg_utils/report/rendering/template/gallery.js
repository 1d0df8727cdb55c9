// A click on a column's heading sorts by it, a second one the other way round; what is unknown comes last.
const table = document.querySelector(".pictures");
const compare = new Intl.Collator(document.documentElement.lang, {numeric: true}).compare;

function sortBy(heading) {
  const body = table.tBodies[0], place = heading.cellIndex;
  const again = heading.getAttribute("aria-sort");
  const order = again ? (again === "ascending" ? "descending" : "ascending") : heading.dataset.sort;
  const sign = order === "ascending" ? 1 : -1;
  const keyed = [...body.rows].map((row) => {
    const {value} = row.cells[place].dataset, text = row.cells[place].textContent;
    return {row, key: value === undefined ? text : Number(value)};
  });
  const known = keyed.filter(({key}) => key !== "" && !Number.isNaN(key));
  const unknown = keyed.filter(({key}) => key === "" || Number.isNaN(key));
  known.sort((a, b) => sign * (typeof a.key === "number" ? a.key - b.key : compare(a.key, b.key)));
  body.replaceChildren(...[...known, ...unknown].map(({row}) => row));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", order);
}

// A click on a picture opens it large; arrow keys go on to the next one that is shown.
const dialog = document.querySelector("dialog");
let shown;

function show(row) {
  const link = row && row.querySelector(".view a");
  if (!link) return;
  shown = row;
  dialog.querySelector("img").src = link.href;
  dialog.querySelector("img").alt = link.firstChild.alt;
  dialog.querySelector("bdi").textContent = row.querySelector("th").textContent;
  if (!dialog.open) dialog.showModal();
}

function step(by) {
  const visible = [...table.tBodies[0].rows].filter((row) => row.checkVisibility() && row.querySelector(".view a"));
  show(visible[visible.indexOf(shown) + by]);
}

if (table) {
  for (const heading of table.querySelectorAll("[data-sort]")) {
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(heading));
  }
  table.addEventListener("click", (event) => {
    const link = event.target.closest(".view a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.closest("tr"));
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    if (event.target.localName === "img") event.target.classList.toggle("whole-size");
    if (event.target.dataset.step) step(Number(event.target.dataset.step));
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  dialog.addEventListener("close", () => shown.querySelector(".view a").focus());
}
