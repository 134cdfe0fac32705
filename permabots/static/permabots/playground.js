// The playground: each messenger is a column, whose conversation so far is a signed text that only this page keeps.

const page = document.getElementById("playground");
const get = (id) => document.getElementById(id);

async function post(url, body) {
  const headers = {
    "Content-Type": "application/json",
    "X-CSRFToken": page.querySelector("[name=csrfmiddlewaretoken]").value,
  };
  let answer, found;
  try {
    answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
    found = await answer.json();
  } catch {
    throw new Error(answer ? `The server answered ${answer.status}: load the page anew.` : "The server is not there.");
  }
  if (!answer.ok) throw new Error(found.errors.join(" "));
  return found;
}

function apiAnswer() {
  if (get("api-live").checked) return null;
  return { status: get("api-status").valueAsNumber || 0, data: get("api-data").value };
}

class Column {
  constructor(root) {
    this.service = root.dataset.service;
    this.log = this.part("log");
    this.session = "";
    this.last = Promise.resolve();
    this.part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.say(this.part("say").value);
      this.part("say").value = "";
    });
    this.part("save")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.queue(() => this.save());
    });
    this.log.addEventListener("click", (event) => {
      const button = event.target.closest("[data-press]");
      if (button) this.say(button.dataset.press, "button");
    });
  }

  part(name) {
    return get(`${name}-${this.service}`);
  }

  say(text, kind = "text") {
    const response = apiAnswer();
    this.queue(() => this.ask({ text, kind, response }));
  }

  // One after another: each turn begins with the conversation that the one before it left.
  queue(work) {
    this.last = this.last.then(async () => {
      this.part("status").textContent = "";
      this.part("saved").textContent = "";
      this.log.setAttribute("aria-busy", "true");
      try {
        await work();
      } catch (error) {
        this.part("status").textContent = error.message;
      }
      this.log.setAttribute("aria-busy", "false");
    });
  }

  async ask(question) {
    const state = get("start-state").value;
    const found = await post(page.dataset.say, { service: this.service, session: this.session, state, ...question });
    this.session = found.session;
    this.part("state").textContent = found.state ?? "none";
    this.show(found.html);
  }

  show(html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    for (const link of made.content.querySelectorAll("a[href]")) {
      link.target = "_blank";
      link.rel = "noopener noreferrer";
    }
    this.log.append(made.content);
    this.log.scrollTop = this.log.scrollHeight;
  }

  async save() {
    if (!this.session) throw new Error("Nothing was said yet.");
    const name = this.part("name").value;
    const found = await post(page.dataset.save, { service: this.service, session: this.session, name });
    const link = document.createElement("a");
    link.href = found.url;
    link.textContent = found.name;
    this.part("saved").append("Saved as ", link, ".");
    this.part("name").value = "";
  }

  beginAnew() {
    this.queue(async () => {
      this.session = "";
      this.log.replaceChildren();
      this.part("state").textContent = get("start-state").value || "none";
    });
  }
}

const columns = Array.from(page.querySelectorAll("[data-service]"), (root) => new Column(root));

get("everywhere").addEventListener("submit", (event) => {
  event.preventDefault();
  for (const column of columns) column.say(get("say-everywhere").value);
  get("say-everywhere").value = "";
});
get("begin-anew").addEventListener("click", () => columns.forEach((column) => column.beginAnew()));
get("start-state").addEventListener("change", () => columns.forEach((column) => column.beginAnew()));
for (const id of ["api-status", "api-data"]) {
  get(id).addEventListener("input", () => {
    get("api-canned").checked = true;
  });
}
