// Passwords stand between U+0001 and U+0002. They are covered until the reader asks, and what is covered is not found.
const SECRETS = /\u0001[^\u0002]*\u0002/g;
const COVER = "••••••";
const bareButton = document.getElementById("bare");
let bare = false;
const whenBareChanges = [];

function plain(text) {
  return bare ? text.replace(/[\u0001\u0002]/g, "") : text.replace(SECRETS, COVER);
}

function put(into, text, most) {
  let room = most === undefined ? Infinity : most;
  for (const part of text.split(/(\u0001[^\u0002]*\u0002)/)) {
    if (room <= 0) break;
    if (part.startsWith("\u0001")) {
      const secret = element("span", "secret");
      const cover = element("span", "cover", COVER);
      cover.title = "a password, covered";
      secret.append(cover, element("span", "bare", part.slice(1, -1)));
      into.append(secret);
    } else if (part) {
      into.append(part.slice(0, room));
    }
    room -= part.length;
  }
  if (room <= 0) into.append("…");
  return into;
}

if (bareButton) {
  bareButton.addEventListener("click", () => {
    bare = !bare;
    document.documentElement.classList.toggle("show-bare", bare);
    bareButton.setAttribute("aria-pressed", String(bare));
    bareButton.textContent = bare ? "Cover passwords" : "Show passwords";
    whenBareChanges.forEach((each) => each());
  });
}
