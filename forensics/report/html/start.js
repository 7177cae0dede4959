// With script the page gets its buttons, its table and its picture; without it stands as it was written.
function followHash() {
  const match = /^#row-(\d+)$/.exec(location.hash);
  if (match) followRow(Number(match[1]), null);
}

function followRow(number, from) {
  showRow(number);
  openRow(number, from);
}

for (const each of document.querySelectorAll(".script")) each.hidden = false;
startTable();
startPicture();
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#row-"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  tip.hidden = true;
  followRow(Number(link.getAttribute("href").slice(5)), link);
});
window.addEventListener("hashchange", followHash);
followHash();
document.documentElement.dataset.ready = "yes";
