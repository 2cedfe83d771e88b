/** Every text of the interface, in English. Functions where a text has a part that changes. */
export const en = {
  chat: "Chat",
  greeting: "What can I help with today?",
  placeholder: "Message the AI",
  send: "Send message",
  stop: "Stop",
};

export type Strings = typeof en;
