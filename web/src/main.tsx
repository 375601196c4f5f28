/** Start the pages. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Frame } from "./Frame";
import "./style/tokens.css";
import "./style/base.css";
import "./style/parts.css";

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Frame />
    </StrictMode>,
  );
