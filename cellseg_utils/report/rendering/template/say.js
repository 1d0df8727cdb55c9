// A text in the language of the page; names in braces stand for values, `{n:one|many}` for a word.
const say = (text, values = {}) => (ENGLISH[text] ?? text).replace(
  /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
  (_, name, one, many) => one === undefined ? values[name] : values[name] === 1 ? one : many,
);
