// Whether a key is meant for a field that texts are written in, and so is no command.

const TICKED = ["checkbox", "radio", "submit", "button"];

export const typing = (target) =>
  target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName) ||
  (target.tagName === "INPUT" && !TICKED.includes(target.type));
