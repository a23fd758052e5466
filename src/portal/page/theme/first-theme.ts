// Runs before the first paint, so that the page does not flash in the wrong theme. theme.ts reads the same attribute.
document.documentElement.dataset['theme'] = localStorage.getItem('doorbell.theme') ?? 'system'
