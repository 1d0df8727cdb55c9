// All folds at once.
const folds = [...document.querySelectorAll("main details, .again")];
const toggles = document.querySelectorAll(".folds button");
for (const button of toggles) {
  button.parentElement.hidden = folds.length === 0;
  button.addEventListener("click", () => {
    const open = button.value === "open";
    for (const fold of folds) fold.open = open;
  });
}

// A click on a column's heading sorts by it, a second one the other way round; what is no number comes last.
const compare = new Intl.Collator(document.documentElement.lang, {numeric: true}).compare;
const number = (text) => parseFloat(text.trim().replace(/,/g, "").replace(/^[-−]/, "-"));

function sortBy(heading) {
  const table = heading.closest("table"), place = heading.cellIndex;
  const order = heading.getAttribute("aria-sort") === "descending" ? "ascending" : "descending";
  const sign = order === "ascending" ? 1 : -1;
  const keyed = [...table.tBodies[0].rows].map((row) => ({row, text: row.cells[place].textContent}));
  const numeric = keyed.every(({text}) => /^\s*([-+−]?[\d.,]+|—)/.test(text));
  const known = keyed.filter(({text}) => !numeric || !Number.isNaN(number(text)));
  const unknown = keyed.filter((own) => !known.includes(own));
  known.sort((a, b) => sign * (numeric ? number(a.text) - number(b.text) : compare(a.text, b.text)));
  table.tBodies[0].replaceChildren(...[...known, ...unknown].map(({row}) => row));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", order);
}

for (const table of document.querySelectorAll("main .table table")) {
  if (!table.tHead || table.tBodies[0].rows.length < 3) continue;
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(heading));
  }
}

// The explorer: sort and filter its cards, look at one view of each, or slide between truth and prediction.
const VIEWS = {image: say("原图"), truth: say("真值"), prediction: say("预测"), compare: say("对比真值与预测")};
const ORDERS = {
  [say("Kaggle 得分，低的在前")]: ["kaggle", 1], [say("Kaggle 得分，高的在前")]: ["kaggle", -1],
  [say("核数，多的在前")]: ["nuclei", -1], [say("核数，少的在前")]: ["nuclei", 1],
};
const ERRORS = {missed: say("有漏检"), merged: say("有粘连"), split: say("有分裂"), invented: say("有误检")};

function choice(label, options, onchange) {
  const select = document.createElement("select"), whole = document.createElement("label");
  for (const [value, text] of options) select.add(new Option(text, value));
  select.addEventListener("change", () => onchange(select.value));
  whole.append(label, select);
  return whole;
}

function explore(explorer) {
  const cards = [...explorer.children], shown = {kind: "", error: ""}, bar = document.createElement("div");
  const kinds = [...new Set([...cards].sort((a, b) => a.dataset.place - b.dataset.place).map((card) => card.dataset.kind))];
  const count = document.createElement("output"), slider = document.createElement("input");
  const filter = () => {
    for (const {dataset: own, style} of cards) {
      const wanted = (!shown.kind || own.kind === shown.kind) && (!shown.error || own[shown.error] > 0);
      style.display = wanted ? "" : "none";
    }
    const left = cards.filter((card) => !card.style.display).length;
    count.textContent = say("{shown} / {all} 张", {shown: left, all: cards.length});
  };
  const look = (view) => {
    explorer.dataset.view = view;
    slider.hidden = view !== "compare";
  };
  slider.type = "range";
  slider.setAttribute("aria-label", say("左边是真值，右边是预测"));
  slider.addEventListener("input", () => explorer.style.setProperty("--split", `${slider.value}%`));
  bar.className = "choices";
  bar.append(
    choice(say("看 "), Object.entries(VIEWS), look),
    choice(say("排序 "), Object.keys(ORDERS).map((name) => [name, name]), (name) => {
      const [by, sign] = ORDERS[name];
      explorer.append(...cards.sort((a, b) => sign * (a.dataset[by] - b.dataset[by])));
    }),
    choice(say("种类 "), [["", say("全部")], ...kinds.map((kind) => [kind, kind])], (kind) => { shown.kind = kind; filter(); }),
    choice(say("错误 "), [["", say("不论")], ...Object.entries(ERRORS)], (error) => { shown.error = error; filter(); }),
    count, slider,
  );
  explorer.before(bar);
  explorer.tabIndex = 0; // it scrolls
  explorer.setAttribute("role", "region");
  explorer.setAttribute("aria-label", say("验证图像"));
  look("image");
  filter();
}
document.querySelectorAll(".explorer").forEach(explore);

// A table over thresholds gets a slider that reads it.
function slide(sweep) {
  const names = [...sweep.querySelectorAll("thead th")].map((cell) => cell.textContent);
  const rows = [...sweep.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
  const slider = document.createElement("input"), output = document.createElement("output");
  const label = document.createElement("label");
  const tell = () => {
    output.textContent = rows[slider.value].map((value, place) => `${names[place]} ${value}`).join(say("，"));
  };
  Object.assign(slider, {type: "range", min: 0, max: rows.length - 1, value: sweep.dataset.row});
  slider.addEventListener("input", tell);
  label.append(say("换一个阈值："), slider);
  label.className = output.className = "choices";
  sweep.before(label, output);
  tell();
}
document.querySelectorAll(".sweep").forEach(slide);

// A figure opens large; arrow keys go on to the next one.
const dialog = document.querySelector("dialog");
const pictures = [...document.querySelectorAll("figure > img")];
let shown = 0;

function show(place) {
  if (!pictures[place]) return;
  shown = place;
  const large = dialog.querySelector("img"), caption = pictures[place].parentElement.querySelector("figcaption");
  large.src = pictures[place].src;
  large.alt = pictures[place].alt;
  large.classList.remove("whole-size");
  dialog.querySelector("p").textContent = caption ? caption.textContent : "";
  if (!dialog.open) dialog.showModal();
}

pictures.forEach((picture, place) => {
  picture.tabIndex = 0;
  picture.setAttribute("role", "button");
  picture.setAttribute("aria-label", say("放大：{alt}", {alt: picture.alt}));
  picture.addEventListener("click", () => show(place));
  picture.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    show(place);
  });
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
  if (event.target.localName === "img") event.target.classList.toggle("whole-size");
  if (event.target.dataset.step) show(shown + Number(event.target.dataset.step));
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") show(shown - 1);
  if (event.key === "ArrowRight") show(shown + 1);
});
dialog.addEventListener("close", () => pictures[shown].focus());
