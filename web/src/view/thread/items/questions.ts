/** Questions to the user: a form while they wait, then what was answered. */

import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { icon } from "../../../icons";
import { own } from "../../../own";
import type { Question, StructuredInputItem } from "../../../protocol/types";
import type { DraftAnswer, ItemView } from "../view";
import { words } from "../words";

const NO_ANSWER: DraftAnswer = { values: [], text: "", isOther: false };

type Answers = Parameters<ItemView["session"]["answerQuestions"]>[2];

export function questions(item: StructuredInputItem, view: ItemView): TemplateResult {
  switch (item.status) {
    case "answered":
      return summary(item.inputs, view);
    case "skipped":
      return html`<p class="thread-quiet">${icon("list-checks")}<span>${view.strings.questionsSkipped}</span></p>`;
    default:
      return form(item, view);
  }
}

// --- while they wait -------------------------------------------------------------------------------------------------

function form(item: StructuredInputItem, view: ItemView): TemplateResult {
  const { strings, session, isResponding } = view;
  const answers = answersOf(item.inputs, view);
  const isEmpty = Object.values(answers).every(answer => answer.skipped);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isEmpty && !isResponding) void session.answerQuestions(item.id, "answered", answers);
  };
  return html`<form class="thread-questions" part="questions" aria-label=${strings.questions} @submit=${submit}>
    <fieldset class="thread-questions-all" ?disabled=${isResponding}>
      ${item.inputs.map((question, index) => field(question, `${item.id}-${index}`, view))}
      <div class="thread-questions-buttons">
        <button
          type="button"
          class="thread-button"
          part="button"
          @click=${() => void session.answerQuestions(item.id, "skipped", {})}
        >
          ${strings.skip}
        </button>
        <button type="submit" class="thread-button" part="button" data-primary ?disabled=${isEmpty}>
          ${strings.submit}
        </button>
      </div>
    </fieldset>
  </form>`;
}

function draftOf({ id }: Question, { notes }: ItemView): DraftAnswer {
  return own(notes.answers ?? {}, id) ?? NO_ANSWER;
}

function change(question: Question, view: ItemView, by: Partial<DraftAnswer>): void {
  const draft = { ...draftOf(question, view), ...by };
  view.note({ answers: { ...view.notes.answers, [question.id]: draft } });
}

function answersOf(inputs: readonly Question[], view: ItemView): Answers {
  return Object.fromEntries(
    inputs.map(question => {
      const { values, text, isOther } = draftOf(question, view);
      const other = isOther || question.type === "freeform" ? text.trim() : "";
      const all = other === "" ? [...values] : [...values, other];
      return [question.id, all.length > 0 ? { values: all } : { skipped: true }];
    }),
  );
}

function field(question: Question, id: string, view: ItemView): TemplateResult {
  const name = words(question.question);
  if (question.type === "multiple_choice") {
    return html`<fieldset class="thread-question">
      <legend><bdi>${name}</bdi></legend>
      ${question.options.map(option => choice(question, words(option.value), id, view))}${otherChoice(question, id, view)}
    </fieldset>`;
  }
  const description = question.type === "freeform" ? words(question.description) : "";
  return html`<div class="thread-question">
    <label class="thread-question-label" for=${id}><bdi>${name}</bdi></label>
    ${description ? html`<p class="thread-question-hint" id="${id}-hint"><bdi>${description}</bdi></p>` : nothing}
    <textarea
      id=${id}
      rows="2"
      dir="auto"
      aria-describedby=${description ? `${id}-hint` : nothing}
      .value=${live(draftOf(question, view).text)}
      @input=${({ target }: Event) => change(question, view, { text: (target as HTMLTextAreaElement).value })}
    ></textarea>
  </div>`;
}

type Choice = Question & { type: "multiple_choice" };

function choice(question: Choice, value: string, id: string, view: ItemView): TemplateResult {
  const { values } = draftOf(question, view);
  const isChosen = values.includes(value);
  const choose = () => {
    if (!question.multiple) return change(question, view, { values: [value], isOther: false });
    change(question, view, { values: isChosen ? values.filter(one => one !== value) : [...values, value] });
  };
  return html`<label class="thread-choice">
    <input type=${question.multiple ? "checkbox" : "radio"} name=${id} .checked=${live(isChosen)} @change=${choose} />
    <span><bdi>${value}</bdi></span>
  </label>`;
}

function otherChoice(question: Choice, id: string, view: ItemView): TemplateResult {
  const { text, isOther } = draftOf(question, view);
  const toggle = () =>
    change(question, view, question.multiple ? { isOther: !isOther } : { isOther: true, values: [] });
  const write = ({ target }: Event) => {
    const written = { text: (target as HTMLInputElement).value, isOther: true };
    change(question, view, question.multiple ? written : { ...written, values: [] });
  };
  return html`<div class="thread-choice">
    <input
      type=${question.multiple ? "checkbox" : "radio"}
      name=${id}
      aria-label=${view.strings.otherAnswer}
      .checked=${live(isOther)}
      @change=${toggle}
    />
    <input
      type="text"
      dir="auto"
      aria-label=${view.strings.otherAnswer}
      placeholder=${view.strings.otherAnswer}
      .value=${live(text)}
      @input=${write}
    />
  </div>`;
}

// --- afterwards ------------------------------------------------------------------------------------------------------

function summary(inputs: readonly Question[], { strings }: ItemView): TemplateResult {
  return html`<dl class="thread-answered" part="questions">
    ${inputs.map(({ question, answer }) => {
      const values = Array.isArray(answer?.values) ? answer.values.map(words).filter(Boolean) : [];
      return html`<dt><bdi>${words(question)}</bdi></dt>
        ${
          values.length === 0
            ? html`<dd data-skipped>${strings.notAnswered}</dd>`
            : values.map(value => html`<dd><bdi>${value}</bdi></dd>`)
        }`;
    })}
  </dl>`;
}
