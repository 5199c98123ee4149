// What a page can do with a script that it cannot without: filter while one types, and tell times as one's own clock has them.
// Everything else works the same without it.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // "today 18:02", "yesterday 18:02", "24 November, 18:02"; the year where it is another.
  const times = () => {
    const now = new Date();
    const night = new Date(now.getFullYear(), now.getMonth(), now.getDate());
    for (const time of all('time:not([data-told])')) {
      const when = new Date(time.dateTime);
      const nights = Math.round((night - new Date(when.getFullYear(), when.getMonth(), when.getDate())) / 864e5);
      const year = when.getFullYear() === now.getFullYear() ? undefined : 'numeric';
      const day = ['today', 'yesterday'][nights] ?? when.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year });
      const clock = when.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
      time.title = when.toLocaleString('en-GB');
      time.textContent = 'day' in time.dataset ? day : `${day}${nights > 1 ? ',' : ''} ${clock}`;
      time.dataset.told = '';
    }
  };

  // Shows the rows in which every word is found.
  const filter = () => {
    const box = document.getElementById('q');
    if (!box) return;
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0, count = 0;
    for (const group of all('.group')) {
      const label = group.querySelector('h2').textContent;
      let any = false;
      for (const row of all('.rows > li', group)) {
        const owner = row.querySelector('option[selected]')?.textContent ?? '';
        const text = `${row.querySelector('a').textContent} ${label} ${owner}`.toLowerCase();
        const found = words.every((word) => text.includes(word)) || row.querySelector('.trouble, .done') !== null;
        row.hidden = !found;
        any ||= found;
        count += 1;
        shown += found;
      }
      group.hidden = !any;
    }
    document.getElementById('found').textContent = words.length ? `${shown} of ${count} shown` : '';
  };

  const begin = () => {
    times();
    // What somebody has chosen and not sent is forgotten with the answer to something else.
    for (const option of all('option')) option.selected = option.defaultSelected;
    filter();
  };

  document.addEventListener('input', (event) => event.target.id === 'q' && filter());
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('.search')) return;
    event.preventDefault();
    filter();
  });
  // A button that has nothing to do now, but must not lose the focus.
  document.addEventListener('click', (event) => event.target.closest('[aria-disabled=true]') && event.preventDefault(), true);

  // Links are the browser's. Forms keep the place on the page, what was typed, and the focus; what had it may be gone, and
  // then it goes to what is nearest.
  document.addEventListener('htmx:before:init', (event) => event.target.matches('a') && event.preventDefault());
  let typed, focused, near;
  document.addEventListener('htmx:before:swap', () => {
    typed = document.getElementById('q')?.value;
    focused = document.activeElement;
    near = focused?.closest('.rows > li, section');
  });
  document.addEventListener('htmx:after:swap', () => {
    const box = document.getElementById('q');
    if (box && typed !== undefined) box.value = typed;
    begin();
    const now = document.activeElement;
    if (now !== document.body && now.checkVisibility()) return;
    const still = document.getElementById(focused?.id) ?? near?.querySelector('select, button');
    still?.focus({ preventScroll: true });
  });
  // No answer, or one from elsewhere: whoever has to sign in again is sent there by the page itself.
  document.addEventListener('htmx:error', () => location.reload());
  begin();
})();
