/** Defines `<openai-chatkit>`, once. */

import { ChatKitElement } from "./element";

if (!customElements.get("openai-chatkit")) customElements.define("openai-chatkit", ChatKitElement);

export { ChatKitElement };
