/** Every word of the console, in English. A page's words stand in a part of their own. */
const live = {
  title: 'Live',
};

const calls = {
  title: 'Calls',
};

const accounts = {
  title: 'Accounts',
};

const own = {
  title: 'My account',
};

export const en = {
  shell: {
    logOut: 'Log out',
    menu: 'Menu',
    skip: 'Skip to the page',
    pages: 'Pages',
    language: 'Language',
    appearance: 'Appearance',
    light: 'Light',
    dark: 'Dark',
    likeSystem: 'Like the system',
    away: 'The service does not answer. This page goes on by itself when it does.',
    noPage: 'There is no such page.',
    noPageYet: 'No page of the console is for your roles yet. The command line and the API have everything.',
    noPermission: 'Your roles do not include this page.',
    askAdmin: 'An administrator can give you another role: ringfence operator set NAME --roles …',
    broken: 'This page has a fault.',
    reload: 'Load the page anew',
  },
  login: {
    title: 'Log in',
    name: 'Name',
    password: 'Password',
    code: 'Code of your authenticator, or a recovery code',
    go: 'Log in',
    invited: 'I have a one-time token',
    refused: 'The name, the password or the code is wrong.',
  },
  welcome: {
    title: 'Choose your password',
    lead: 'The one-time token comes from “ringfence operator invite” or “operator reset”. It is good once, for 24 hours.',
    token: 'One-time token',
    password: 'New password',
    passwordHelp: '12 characters or more',
    go: 'Set the password',
    back: 'Log in instead',
  },
  common: {
    loading: 'Loading',
    again: 'Try again',
    more: 'Show more',
    all: 'All',
    search: 'Search',
    from: 'From',
    to: 'To',
    cancel: 'Cancel',
    save: 'Save',
    close: 'Close',
    yes: 'Yes',
    no: 'No',
    none: '–',
    unlimited: 'no limit',
    show: 'Show',
    copy: 'Copy',
    copied: 'Copied',
    download: 'Download as CSV',
    typeToConfirm: (name: string) => `Type ${name} to go on`,
    rows: (count: string, isExact: boolean) => (isExact ? `${count} in all` : `more than ${count}`),
    timesIn: (zone: string) => `Times in ${zone}`,
    secondsAgo: (seconds: number) => `${seconds} s ago`,
    minutesAgo: (minutes: number) => `${minutes} min ago`,
    available: 'available',
    heldForCalls: 'held for calls',
    spentInCalls: 'spent in calls now',
    balance: 'balance',
    creditLimit: 'credit limit',
    refused: 'Refused',
    seeMore: 'What to do',
  },
  live,
  calls,
  accounts,
  own,
};

export type Texts = typeof en;
