/** An application as the official package's documentation has it: unchanged, but for the script tag of its page. */
import { ChatKit, useChatKit } from "@openai/chatkit-react";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

const query = new URLSearchParams(location.search);

async function authenticated(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers);
  headers.set("X-User-ID", query.get("user") ?? "alice");
  headers.set("Authorization", "Bearer any");
  return await fetch(input, { ...init, headers });
}

function App() {
  const [thread, setThread] = useState<string | null>(null);
  const [log, setLog] = useState<string[]>([]);
  const [dark, setDark] = useState(false);
  const note = (line: string) => setLog(lines => [...lines, line]);
  const { control, sendUserMessage, setThreadId, focusComposer, showHistory, setComposerValue } = useChatKit({
    api: { url: query.get("endpoint") ?? "/chatkit", domainKey: "domain_pk_anything", fetch: authenticated },
    theme: dark ? "dark" : "light",
    history: { enabled: true },
    onClientTool: ({ name, params }) => {
      note(`tool ${name} ${JSON.stringify(params)}`);
      return { colour: "green" };
    },
    onReady: () => note("ready"),
    onResponseStart: () => note("response.start"),
    onResponseEnd: () => note("response.end"),
    onThreadChange: ({ threadId }) => setThread(threadId),
    onEffect: ({ name, data }) => note(`effect ${name} ${JSON.stringify(data)}`),
    onError: ({ error }) => note(`error ${error.message}`),
  });
  return (
    <>
      <nav aria-label="Application">
        <button type="button" onClick={() => sendUserMessage({ text: "hello from the page" })}>
          Say hello
        </button>
        <button type="button" onClick={() => setThreadId(null)}>
          Begin anew
        </button>
        <button type="button" onClick={() => setComposerValue({ text: "a draft" }).then(focusComposer)}>
          Draft
        </button>
        <button type="button" onClick={() => showHistory()}>
          Past chats
        </button>
        <button type="button" onClick={() => setDark(!dark)}>
          {dark ? "Light" : "Dark"}
        </button>
        <output aria-label="Thread">{thread ?? "none"}</output>
        <ul aria-label="Log">
          {log.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added
            <li key={index}>{line}</li>
          ))}
        </ul>
      </nav>
      <ChatKit control={control} className="chat" />
    </>
  );
}

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
