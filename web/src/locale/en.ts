/** Every text of the interface, in English. Functions where a text has a part that changes. */
export const en = {
  chat: "Chat",

  // --- header and start screen
  newChat: "New chat",
  showHistory: "Show chat history",
  leftAction: "Action",
  rightAction: "Action",
  greeting: "What can I help with today?",
  suggestions: "Suggestions",

  // --- composer
  placeholder: "Message the AI",
  message: "Message",
  send: "Send message",
  sendLater: "Send when the answer is finished",
  stop: "Stop",
  tools: "Tools",
  chooseTool: "Choose a tool",
  removeTool: (tool: string) => `Stop using ${tool}`,
  chooseModel: (model: string) => `Model: ${model}. Choose another one`,
  quote: "Replying to",
  removeQuote: "Remove the quote",
  removeAttachment: (name: string) => `Remove ${name}`,
  threadLocked: "This chat is locked and takes no more messages.",
  threadClosed: "This chat is closed.",

  // --- messages that wait
  waitingMessages: "Messages that wait to be sent",
  waiting: "Sent after this answer",
  takeBack: "Take back",
  sendAgain: "Send again",
  notSent: "Not sent",

  // --- history
  history: "Chat history",
  closeHistory: "Close chat history",
  previous7Days: "Previous 7 days",
  previous30Days: "Previous 30 days",
  untitled: "Untitled chat",
  currentChat: "Current chat",
  historyEmpty: "No chats yet",
  historyEmptyHint: "What you talk about will be listed here.",
  historyFailed: "Your chats could not be loaded",
  historyLoading: "Loading your chats",
  threadActions: (title: string) => `Actions for “${title}”`,
  rename: "Rename",
  renameLabel: "Title of the chat",
  renameFailed: "It could not be renamed",
  delete: "Delete",
  confirmDelete: (title: string) => `Delete “${title}”?`,
  deleteFailed: "It could not be deleted",
  save: "Save",
  cancel: "Cancel",
  tryAgain: "Try again",

  // --- connection
  reconnecting: "Connection lost. Reconnecting…",
  offline: "You are offline. It goes on when you are back.",
  connected: "Connected again",

  // --- problems
  problemUnreachable: "The server cannot be reached.",
  problemNotAChatServer: "What answered is no chat server.",
  problemUnauthorized: "You are not signed in, or no longer.",
  problemForbidden: "You may not do this.",
  problemNotFound: "It is not there, or no longer.",
  problemConflict: "It has changed meanwhile.",
  problemTooLarge: "This is too large.",
  problemInvalid: "The server does not accept this.",
  problemBusy: "There is too much to do at the moment. Try again in a while.",
  problemServer: "Something went wrong on the server.",
};

export type Strings = typeof en;
