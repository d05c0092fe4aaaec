/** What holds for keys on every page. */

/**
 * From now on an Enter that is held down does what it does once: the question that it opened is not answered by it, and what it sent is not
 * sent again. In a text of several lines it goes on.
 */
export function ignoreHeldEnter(): void {
  const ignore = (event: KeyboardEvent) => {
    if (!event.repeat || event.key !== 'Enter' || event.target instanceof HTMLTextAreaElement) return;
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener('keydown', ignore, { capture: true });
}

/** How far back it is remembered what had the focus. */
const STEPS = 20;

/**
 * From now on a keyboard goes on where it was: if what had the focus in the page is gone, the focus goes back to what had it before and is still
 * there, such as the button that opened a form; if nothing is, to the page. A button that cannot be pressed while it is busy gets it again.
 */
export function keepFocus(): void {
  /** What had the focus in the page, the last one at the end; nothing if the focus is elsewhere, or was taken away by the person. */
  let trail: HTMLElement[] = [];
  const isLost = () => document.activeElement === null || document.activeElement === document.body;
  const isUsable = (element: HTMLElement) => element.isConnected && !element.matches(':disabled');

  document.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement) || target.closest('#page') === null) trail = [];
    else trail = [...trail.filter(each => each !== target), target].slice(-STEPS);
  });
  document.addEventListener('focusout', ({ target, relatedTarget }) => {
    if (relatedTarget !== null) return;
    // Where the element itself goes, it is gone after this.
    queueMicrotask(() => {
      if (target instanceof HTMLElement && isUsable(target) && isLost()) trail = [];
    });
  });
  new MutationObserver(() => {
    const last = trail.at(-1);
    if (last === undefined || !isLost() || (last.isConnected && !isUsable(last))) return;
    const next = trail.findLast(each => isUsable(each) && each.checkVisibility());
    (next ?? document.getElementById('page'))?.focus({ preventScroll: true });
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] });
}
