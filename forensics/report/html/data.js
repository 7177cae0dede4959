// The rows, column by column, as the page holds them; a cell is looked up when it is shown.
const DATA = JSON.parse(document.getElementById("rows-data").textContent);
const COUNT = DATA.count;

function cell(name, index) {
  const column = DATA.columns[name];
  return column.d ? column.d[column.i[index]] : column.v[index];
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.append(text);
  return made;
}
