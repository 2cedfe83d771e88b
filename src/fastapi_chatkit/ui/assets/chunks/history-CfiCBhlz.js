import{a as e,c as t,n,t as r}from"./lit-ZSwY7JEH.js";import{M as i,d as a,o,r as s,s as c}from"../chatkit.js";import{t as l}from"./adopt-0FMnXIt5.js";import"./menu-BDTBEIJn.js";var u=864e5;function d(e,t,n,r){let i=/* @__PURE__ */ new Map;for(let a of e){let e=f(new Date(a.created_at),t,n,r);i.set(e,[...i.get(e)??[],a])}return[...i].map(([e,t])=>({title:e,threads:t}))}function f(e,t,n,r){if(Number.isNaN(e.getTime()))return r.previous30Days;let i=Math.round((h(t)-h(e))/u);if(i<=1)return p(-Math.max(i,0),n);if(i<=7)return r.previous7Days;if(i<=30)return r.previous30Days;let a=e.getFullYear()===t.getFullYear()?{month:`long`}:{month:`long`,year:`numeric`};return m(new Intl.DateTimeFormat(n,a).format(e),n)}function p(e,t){return m(new Intl.RelativeTimeFormat(t,{numeric:`auto`}).format(e,`day`),t)}function m(e,t){return e.charAt(0).toLocaleUpperCase(t)+e.slice(1)}function h(e){return new Date(e.getFullYear(),e.getMonth(),e.getDate()).getTime()}var g=`button, [href], input, textarea, select, [tabindex]:not([tabindex='-1'])`;function _(e,t){let n=[...e.querySelectorAll(g)].filter(e=>!e.hasAttribute(`disabled`)&&e.tabIndex>=0),[r,i]=[n[0],n.at(-1)];t.target!==(t.shiftKey?r:i)&&t.target!==e||t.target===e&&!t.shiftKey||(t.preventDefault(),(t.shiftKey?i:r)?.focus())}var v=t` .history-scrim{position: absolute;inset: 0;z-index: 3;background: rgb(0 0 0 / 0.28);opacity: 0;visibility: hidden;transition: opacity var(--ck-slow) var(--ck-ease), visibility 0s var(--ck-slow)}.history-panel{--from: 100%;position: absolute;inset-block: 0;inset-inline-end: 0;z-index: 4;display: flex;flex-direction: column;inline-size: min(22rem, 100%);outline: none;background: var(--ck-surface-raised);box-shadow: var(--ck-shadow-md);transform: translateX(var(--from));visibility: hidden;transition: transform var(--ck-slow) var(--ck-ease), visibility 0s var(--ck-slow)}@container chatkit (max-width: 26rem){.history-panel{inline-size: 100%}}.history-panel:dir(rtl){--from: -100%}.history-scrim[data-open]{opacity: 1;visibility: visible;transition: opacity var(--ck-slow) var(--ck-ease)}.history-panel[data-open]{transform: none;visibility: visible;transition: transform var(--ck-slow) var(--ck-ease)}.history-header{display: flex;align-items: center;gap: calc(var(--ck-space) * 0.5);min-block-size: calc(var(--ck-space) * 13);padding-inline: calc(var(--ck-space) * 4.5) calc(var(--ck-space) * 2)}.history-title{flex: 1;margin: 0;font-size: calc(var(--ck-size) * 0.94);font-weight: 600}.history-list{flex: 1;min-block-size: 0;overflow: auto;overscroll-behavior: contain;padding: 0 calc(var(--ck-space) * 2) calc(var(--ck-space) * 4);scrollbar-width: thin}.history-day{margin: calc(var(--ck-space) * 4) 0 calc(var(--ck-space));padding-inline: calc(var(--ck-space) * 2.5);color: var(--ck-text-3);font-size: calc(var(--ck-size) * 0.78);font-weight: 600}.history-day:first-child{margin-block-start: calc(var(--ck-space))}.history-threads{margin: 0;padding: 0;list-style: none}.history-threads > li{content-visibility: auto;contain-intrinsic-size: auto calc(var(--ck-space) * 9.5)}.history-row{display: flex;align-items: center;padding-inline-end: calc(var(--ck-space));border-radius: min(var(--ck-radius-md), 14px);transition: background var(--ck-fast) var(--ck-ease)}.history-row:hover, .history-row:focus-within{background: var(--ck-surface-muted)}.history-row[data-current]{background: var(--ck-surface-hover)}.history-row[data-busy]{opacity: 0.5;pointer-events: none}.history-thread{flex: 1;min-inline-size: 0;min-block-size: calc(var(--ck-space) * 9.5);padding: calc(var(--ck-space)) calc(var(--ck-space) * 2.5);border: 0;border-radius: inherit;background: none;overflow: hidden;color: inherit;font-size: calc(var(--ck-size) * 0.9);text-align: start;text-overflow: ellipsis;white-space: nowrap;cursor: pointer}.history-thread:focus-visible{outline-offset: -2px}.history-row chatkit-menu{opacity: 0}.history-row:is(:hover, :focus-within, [data-current]) chatkit-menu{opacity: 1}@media (hover: none){.history-row chatkit-menu{opacity: 1}}.history-field{gap: calc(var(--ck-space));padding-inline-start: calc(var(--ck-space))}.history-question{display: flex;flex-wrap: wrap;justify-content: end;gap: calc(var(--ck-space) * 2);margin-block: calc(var(--ck-space));padding: calc(var(--ck-space) * 3);border-radius: min(var(--ck-radius-md), 14px);background: var(--ck-surface-muted);animation: start-in var(--ck-slow) var(--ck-ease)}.history-question p{flex-basis: 100%;margin: 0;font-size: calc(var(--ck-size) * 0.9);overflow-wrap: anywhere}.history-failure{margin: 0;padding: calc(var(--ck-space)) calc(var(--ck-space) * 2.5);color: var(--ck-danger-text);font-size: calc(var(--ck-size) * 0.84)}.history-nothing{display: flex;flex-direction: column;align-items: center;gap: calc(var(--ck-space) * 1.5);padding: calc(var(--ck-space) * 12) calc(var(--ck-space) * 6);color: var(--ck-text-3);font-size: calc(var(--ck-size) * 0.88);text-align: center}.history-nothing > .icon{margin-block-end: calc(var(--ck-space) * 2);font-size: 1.8em}.history-nothing p{margin: 0;text-wrap: balance}.history-nothing .history-nothing-title{color: var(--ck-text);font-size: calc(var(--ck-size) * 0.94);font-weight: 600}.history-nothing .shell-button{margin-block-start: calc(var(--ck-space) * 3)}.history-skeleton{block-size: calc(var(--ck-space) * 4);margin: calc(var(--ck-space) * 2.75) calc(var(--ck-space) * 2.5);border-radius: var(--ck-radius-sm);background: var(--ck-surface-hover);animation: shell-pulse 1.4s ease-in-out infinite alternate}.history-skeleton:nth-child(3n){inline-size: 55%}.history-skeleton:nth-child(3n + 1){inline-size: 75%}`,y=class extends r{static{this.properties={thread:{attribute:!1},context:{attribute:!1},current:{type:Boolean},step:{state:!0},failure:{state:!0}}}constructor(){super(),this.onOpen=()=>void 0,this.onSelect=({id:e})=>{this.failure=null,e===`rename`?this.go(`renaming`,`input`):this.go(`deleting`,`[data-cancel]`)},this.onRenameKey=e=>{e.isComposing||(e.key===`Enter`?(e.preventDefault(),this.rename(e.target.value)):e.key===`Escape`&&(e.stopPropagation(),this.go(`shown`,`.history-thread`)))},this.onDeleteKey=e=>{e.key===`Escape`&&(e.stopPropagation(),this.go(`shown`,`.history-thread`))},this.current=!1,this.step=`shown`,this.failure=null}createRenderRoot(){return this}get title_(){return this.thread.title||this.context.locale.strings.untitled}async go(e,t){this.step=e,await this.updateComplete;let n=this.querySelector(t);n?.focus(),n instanceof HTMLInputElement&&n.select()}async rename(e){let t=e.trim();if(t===``||t===this.thread.title)return await this.go(`shown`,`.history-thread`);let{session:n,locale:r}=this.context;await this.attempt(r.strings.renameFailed,()=>n.renameThread(this.thread.id,t))}async erase(){let{session:e,locale:t}=this.context,{nextThread:n}=this;await this.attempt(t.strings.deleteFailed,()=>e.deleteThread(this.thread.id)),this.failure===null&&n?.focus()}get nextThread(){let e=this.closest(`.history-panel`),t=[...e?.querySelectorAll(`chatkit-history-thread`)??[]];return(t[t.indexOf(this)+1]??t[t.indexOf(this)-1])?.querySelector(`.history-thread`)??e?.querySelector(`button`)??null}async attempt(e,t){this.step=`busy`;try{await t(),this.failure=null}catch(t){let n=t instanceof i?s(t,this.context.locale.strings):``;this.failure=`${e}. ${n}`}await this.go(`shown`,`.history-thread`)}render(){return e`
${this.step===`renaming`?this.field():this.step===`deleting`?this.question():this.row()}
${this.failure?e`<p class="history-failure" role="alert">${this.failure}</p>`:n}
`}row(){let{strings:t}=this.context.locale,{showRename:r=!0,showDelete:i=!0}=this.context.options.history??{},o=[...r?[{id:`rename`,label:t.rename,icon:`pencil`}]:[],...i?[{id:`delete`,label:t.delete,icon:`trash`,danger:!0}]:[]];return e`
<div class="history-row" ?data-current=${this.current} ?data-busy=${this.step===`busy`}>
<button type="button" class="history-thread" part="history-thread" dir="auto" title=${this.title_}
aria-current=${this.current?`true`:n} @click=${()=>this.onOpen(this.thread.id)}
>${this.title_}</button>
${o.length?e`<chatkit-menu .label=${t.threadActions(this.title_)} .items=${o}
.kind=${`shell-icon-button shell-small`} .face=${a(`dots-horizontal`)} .onSelect=${this.onSelect}
></chatkit-menu>`:n}
</div>
`}field(){let{strings:t}=this.context.locale;return e`
<div class="history-row history-field">
<input class="shell-input" part="input" .value=${this.thread.title??``} maxlength="1000" dir="auto"
aria-label=${t.renameLabel} @keydown=${this.onRenameKey} />
<button type="button" class="shell-icon-button shell-small" aria-label=${t.cancel}
title=${t.cancel} @click=${()=>void this.go(`shown`,`.history-thread`)}>${a(`close`)}</button>
<button type="button" class="shell-icon-button shell-small" aria-label=${t.save}
title=${t.save} @click=${()=>void this.rename(this.querySelector(`input`)?.value??``)}>${a(`check`)}</button>
</div>
`}question(){let{strings:t}=this.context.locale;return e`
<div class="history-question" role="group" aria-label=${t.confirmDelete(this.title_)}
@keydown=${this.onDeleteKey}>
<p dir="auto">${t.confirmDelete(this.title_)}</p>
<button type="button" data-cancel class="shell-button" part="button"
@click=${()=>this.go(`shown`,`.history-thread`)}>${t.cancel}</button>
<button type="button" class="shell-button shell-danger" part="button danger-button"
@click=${()=>this.erase()}>${t.delete}</button>
</div>
`}};customElements.get(`chatkit-history-thread`)||customElements.define(`chatkit-history-thread`,y);var b=class extends r{static{this.properties={context:{attribute:!1},open:{type:Boolean}}}constructor(){super(),this.onClose=()=>void 0,this.onThread=()=>void 0,this.onNewChat=()=>void 0,this.end=null,this.watched=null,this.onKey=e=>{e.key===`Escape`?(e.stopPropagation(),this.onClose()):e.key===`Tab`&&_(e.currentTarget,e)},this.open=!1}createRenderRoot(){return this}connectedCallback(){super.connectedCallback(),l(this,v)}disconnectedCallback(){super.disconnectedCallback(),this.end?.disconnect(),this.end=null}updated(e){this.watchEnd(),e.has(`open`)&&this.open&&(this.context.session.loadHistory(!0),this.querySelector(`.history-panel`)?.focus({preventScroll:!0}))}watchEnd(){let e=this.open?this.context.state.history:null;if(e===this.watched)return;this.watched=e,this.end?.disconnect();let t=this.querySelector(`.history-end`);this.open&&t!==null&&typeof IntersectionObserver<`u`&&(this.end=new IntersectionObserver(e=>{e.some(e=>e.isIntersecting)&&this.context.session.loadHistory()},{root:this.querySelector(`.history-list`),rootMargin:`0px 0px 400px 0px`}),this.end.observe(t))}render(){let{strings:t}=this.context.locale;return e`
<div class="history-scrim" ?data-open=${this.open} @click=${()=>this.onClose()}></div>
<section class="history-panel" part="history" role="dialog" aria-modal="true" aria-label=${t.history}
tabindex="-1" ?data-open=${this.open} ?inert=${!this.open} @keydown=${this.onKey}>
${this.open?this.inside():n}
</section>
`}inside(){let{locale:t,state:n,options:r,session:i}=this.context,{strings:o}=t;return e`
<div class="history-header">
<h2 class="history-title">${o.history}</h2>
<button type="button" class="shell-icon-button" part="new-chat-button" aria-label=${o.newChat}
title=${o.newChat} @click=${()=>this.onNewChat()}>${a(`compose`)}</button>
<button type="button" class="shell-icon-button" part="close-button" aria-label=${o.closeHistory}
title=${o.closeHistory} @click=${()=>this.onClose()}>${a(`close`)}</button>
</div>
<div class="history-list" aria-busy=${n.history.loading}>
${c([n.history,n.threadId,t,r,i],()=>this.threads())}
</div>
`}threads(){let{locale:t,state:r}=this.context,{threads:i,loading:a,problem:s,after:c}=r.history;return i.length===0&&s===null?a||c===void 0?this.skeleton():this.empty():e`
${d(i,/* @__PURE__ */ new Date,t.language,t.strings).map(t=>e`
<h3 class="history-day">${t.title}</h3>
<ul class="history-threads">
${o(t.threads,e=>e.id,t=>e`<li>${this.thread(t)}</li>`)}
</ul>
`)}
${s===null?n:this.failed()}
${c&&s===null?e`<div class="history-end">${a?this.lines(2):n}</div>`:n}
`}thread(t){let{context:n}=this;return e`<chatkit-history-thread
.thread=${t}
.context=${n}
.current=${t.id===n.state.threadId}
.onOpen=${this.onThread}
></chatkit-history-thread>`}skeleton(){return e`<div role="status"><span class="shell-hidden">${this.context.locale.strings.historyLoading}</span>
${this.lines(6)}</div>`}lines(t){return Array.from({length:t},()=>e`<div class="history-skeleton" aria-hidden="true"></div>`)}empty(){let{strings:t}=this.context.locale;return e`
<div class="history-nothing">
${a(`message-square`)}
<p class="history-nothing-title">${t.historyEmpty}</p>
<p>${t.historyEmptyHint}</p>
<button type="button" class="shell-button" part="button" @click=${()=>this.onNewChat()}>
${t.newChat}</button>
</div>
`}failed(){let{locale:t,session:r,state:i}=this.context,{strings:o}=t,{problem:c,threads:l}=i.history;return e`
<div class="history-nothing" role="alert">
${a(`circle-alert`)}
<p class="history-nothing-title">${o.historyFailed}</p>
${c?e`<p>${s(c,o)}</p>`:n}
<button type="button" class="shell-button" part="button"
@click=${()=>r.loadHistory(l.length===0)}>${o.tryAgain}</button>
</div>
`}};customElements.get(`chatkit-history`)||customElements.define(`chatkit-history`,b);export{b as History};