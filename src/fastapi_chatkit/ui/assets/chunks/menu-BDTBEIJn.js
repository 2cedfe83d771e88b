import{n as e}from"./rolldown-runtime-XKyaHtl9.js";import{a as t,c as n,n as r,t as i}from"./lit-ZSwY7JEH.js";import{t as a}from"./adopt-0FMnXIt5.js";import{d as o}from"../chatkit.js";var s=n` chatkit-menu{display: inline-flex;min-inline-size: 0}.menu{position: fixed;inset: auto;margin: 0;min-inline-size: 12rem;max-inline-size: min(22rem, calc(100vw - 16px));overflow: auto;padding: calc(var(--ck-space) * 1.5);border: 0;border-radius: min(var(--ck-radius-lg), 18px);background: var(--ck-surface-raised);color: var(--ck-text);box-shadow: var(--ck-shadow-md);animation: menu-in var(--ck-fast) var(--ck-ease);overscroll-behavior: contain}@keyframes menu-in{from{opacity: 0;transform: scale(0.97) translateY(2px)}}.menu-item{display: flex;align-items: center;gap: calc(var(--ck-space) * 2.5);inline-size: 100%;min-block-size: calc(var(--ck-space) * 9);padding: calc(var(--ck-space) * 1.5) calc(var(--ck-space) * 2.5);border: 0;border-radius: calc(min(var(--ck-radius-lg), 18px) - var(--ck-space) * 1.5);background: none;color: inherit;font-size: calc(var(--ck-size) * 0.9);line-height: 1.35;text-align: start;cursor: pointer}.menu-item:focus{background: var(--ck-surface-hover);outline: none}.menu-item:focus-visible{outline: 2px solid var(--ck-focus);outline-offset: -2px}.menu-item .icon{font-size: 1.15em;color: var(--ck-text-2)}.menu-item-danger, .menu-item-danger .icon{color: var(--ck-danger-text)}.menu-item[aria-disabled]{color: var(--ck-text-3);cursor: default}.menu-text{flex: 1;min-inline-size: 0}.menu-label, .menu-description{display: block;overflow-wrap: anywhere}.menu-description{color: var(--ck-text-3);font-size: 0.88em}@media (pointer: coarse){.menu-item{min-block-size: 44px}}@media (forced-colors: active){.menu{border: 1px solid}}`,c=6,l=8;function u(e,t){let n=t.getBoundingClientRect(),{innerWidth:r,innerHeight:i}=globalThis,{offsetWidth:a,scrollHeight:o}=e,s=n.top-c-l,u=i-n.bottom-c-l,d=o<=u||u>=s;e.style.maxHeight=`${Math.max(d?u:s,96)}px`,d?e.style.top=`${n.bottom+c}px`:e.style.bottom=`${i-n.top+c}px`;let f=getComputedStyle(t).direction===`rtl`,p=f?n.right-a:n.left,m=f?n.left:n.right-a,h=(e=>e>=l&&e+a<=r-l)(p)?p:m;e.style.left=`${Math.max(l,Math.min(h,r-l-a))}px`}var d=/* @__PURE__ */ e({Menu:()=>p}),f=0,p=class extends i{static{this.properties={label:{},face:{attribute:!1},items:{attribute:!1},choice:{type:Boolean},kind:{},part_:{attribute:!1}}}constructor(){super(),this.onSelect=()=>void 0,this.menuId=`chatkit-menu-${++f}`,this.isOpen=!1,this.typed=``,this.typedAt=0,this.listening=null,this.onButtonKey=e=>{(e.key===`ArrowDown`||e.key===`ArrowUp`)&&(e.preventDefault(),this.open(e.key===`ArrowDown`?`first`:`last`))},this.onMenuKey=e=>{let{options:t}=this,n=t.indexOf(e.target);switch(e.key){case`ArrowDown`:t[(n+1)%t.length]?.focus();break;case`ArrowUp`:t.at(n<=0?-1:n-1)?.focus();break;case`Home`:t[0]?.focus();break;case`End`:t.at(-1)?.focus();break;case`Escape`:this.close(!0);break;case`Tab`:this.close(!0);return;default:if(e.key.length!==1||e.key===` `||e.ctrlKey||e.metaKey)return;this.type(e.key,n)}e.preventDefault(),e.stopPropagation()},this.label=``,this.items=[],this.choice=!1,this.kind=`shell-icon-button`,this.part_=`menu-button`}createRenderRoot(){return this}connectedCallback(){super.connectedCallback(),a(this,s)}disconnectedCallback(){super.disconnectedCallback(),this.close(!1)}get button(){return this.querySelector(`button`)}get menu(){return this.querySelector(`[role=menu]`)}get options(){return[...this.querySelectorAll(`[data-item]`)]}async open(e){if(this.isOpen)return;this.isOpen=!0,this.requestUpdate(),await this.updateComplete;let{button:t,menu:n}=this;t&&n&&(n.showPopover?.(),u(n,t),this.listen(),(this.options.find(e=>e.getAttribute(`aria-checked`)===`true`)??this.options.at(e===`first`?0:-1))?.focus())}close(e){this.isOpen&&(this.isOpen=!1,this.listening?.abort(),e&&this.button?.focus(),this.requestUpdate())}listen(){this.listening=new AbortController;let{signal:e}=this.listening,t=e=>{let t=e.composedPath();!(this.menu&&t.includes(this.menu))&&!(this.button&&t.includes(this.button))&&this.close(!1)};document.addEventListener(`pointerdown`,t,{signal:e,capture:!0}),document.addEventListener(`scroll`,t,{signal:e,capture:!0}),globalThis.addEventListener(`resize`,()=>this.close(!1),{signal:e})}select(e){e.disabled||(this.close(!0),this.onSelect(e))}type(e,t){let n=performance.now();this.typed=n-this.typedAt<700?this.typed+e.toLowerCase():e.toLowerCase(),this.typedAt=n;let r=this.typed.length===1?t+1:Math.max(t,0),i=this.items.map((e,t)=>(r+t)%this.items.length).find(e=>this.items[e]?.label.toLowerCase().startsWith(this.typed));i!==void 0&&this.options[i]?.focus()}render(){return t`
<button
type="button"
class=${this.kind}
part=${this.part_}
aria-label=${this.label}
title=${this.label}
aria-haspopup="menu"
aria-expanded=${this.isOpen}
aria-controls=${this.isOpen?this.menuId:r}
@click=${()=>this.isOpen?this.close(!0):this.open(`first`)}
@keydown=${this.onButtonKey}
>${this.face}</button>
${this.isOpen?this.list():r}
`}list(){return t`
<div id=${this.menuId} class="menu" part="menu" role="menu" aria-label=${this.label} popover="manual"
@keydown=${this.onMenuKey}>
${this.items.map(e=>this.item(e))}
</div>
`}item(e){return t`
<button
type="button"
data-item
class="menu-item ${e.danger?`menu-item-danger`:``}"
role=${this.choice?`menuitemradio`:`menuitem`}
aria-checked=${this.choice?e.checked===!0:r}
aria-disabled=${e.disabled?`true`:r}
tabindex="-1"
@click=${()=>this.select(e)}
@pointermove=${e=>e.currentTarget.focus()}
>
${e.icon?o(e.icon):r}
<span class="menu-text">
<span class="menu-label">${e.label}</span>
${e.description?t`<span class="menu-description">${e.description}</span>`:r}
</span>
${e.checked?o(`check`):r}
</button>
`}};customElements.get(`chatkit-menu`)||customElements.define(`chatkit-menu`,p);export{d as t};