"use strict";

const element = (id) => document.getElementById(id);

async function ask() {
  const answer = element("answer");
  answer.textContent = "…";
  try {
    const body = { query: element("query").value, variables: JSON.parse(element("variables").value || "{}") };
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    // textContent, never innerHTML: values of the graph come from anywhere.
    answer.textContent = JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    answer.textContent = String(error);
  }
}

element("run").addEventListener("click", ask);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask();
});
fetch("/graphql/schema.graphql")
  .then((response) => response.text())
  .then((text) => { element("schema").textContent = text; });
