//! Where the program begins.

import { render } from "preact";
import { App } from "./app.tsx";
import { startRouter } from "./router.ts";
import "./style/tokens.css";
import "./style/base.css";
import "./style/top.css";
import "./style/controls.css";
import "./style/tables.css";
import "./style/hero.css";
import "./style/panels.css";
import "./style/live.css";
import "./style/pages.css";

const root = document.getElementById("app");
if (root) {
  startRouter();
  render(<App />, root);
}
