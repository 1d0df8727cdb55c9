// Characters of the page that show as an empty box: drawn like U+10FFFF, which no font has, or not at all.
// A variable of a formula is drawn with a character of its own: https://www.w3.org/TR/mathml-core/#italic-mappings
(async () => {
  await document.fonts.ready;
  const canvas = new OffscreenCanvas(40, 40);
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  const draw = (font, text) => {
    pen.clearRect(0, 0, 40, 40);
    pen.font = font;
    pen.fillText(text, 4, 30);
    return pen.getImageData(0, 0, 40, 40).data.join();
  };
  const italic = (letter) => {
    if (letter === "h") return "\u210E";
    if (!/^[A-Za-z]$/.test(letter)) return letter;
    const first = letter < "a" ? [0x1D434, 65] : [0x1D44E, 97];
    return String.fromCodePoint(first[0] + letter.codePointAt(0) - first[1]);
  };
  const boxes = new Set(), seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement, family = getComputedStyle(parent).fontFamily;
    const variable = parent.localName === "mi" && !parent.hasAttribute("mathvariant");
    const text = variable ? italic(walker.currentNode.data) : walker.currentNode.data;
    const font = "24px " + family;
    await document.fonts.load(font, text);
    for (const character of text) {
      const key = family + character;
      if (/\s|\p{Cf}/u.test(character) || seen.has(key)) continue;
      seen.add(key);
      const drawn = draw(font, character);
      if (drawn === draw(font, "\u{10FFFF}") || drawn === draw(font, " ")) boxes.add(character);
    }
  }
  return [...boxes].join("");
})()
