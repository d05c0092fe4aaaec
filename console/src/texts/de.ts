/** Every word of the console, in German. */
import type { Texts } from './en';

const live: Texts['live'] = {
  title: 'Live',
};

const calls: Texts['calls'] = {
  title: 'Gespräche',
};

const accounts: Texts['accounts'] = {
  title: 'Konten',
};

const own: Texts['own'] = {
  title: 'Mein Konto',
};

export const de: Texts = {
  shell: {
    logOut: 'Abmelden',
    menu: 'Menü',
    skip: 'Zum Inhalt',
    pages: 'Seiten',
    language: 'Sprache',
    appearance: 'Darstellung',
    light: 'Hell',
    dark: 'Dunkel',
    likeSystem: 'Wie das System',
    away: 'Der Dienst antwortet nicht. Diese Seite macht von selbst weiter, sobald er es tut.',
    noPage: 'Diese Seite gibt es nicht.',
    noPageYet: 'Noch ist keine Seite der Konsole für Ihre Rollen da. Die Kommandozeile und die API haben alles.',
    noPermission: 'Ihre Rollen umfassen diese Seite nicht.',
    askAdmin: 'Ein Administrator kann Ihnen eine andere Rolle geben: ringfence operator set NAME --roles …',
    broken: 'Diese Seite hat einen Fehler.',
    reload: 'Seite neu laden',
  },
  login: {
    title: 'Anmelden',
    name: 'Name',
    password: 'Passwort',
    code: 'Code Ihres Authenticators oder ein Ersatzcode',
    go: 'Anmelden',
    invited: 'Ich habe ein Einmal-Token',
    refused: 'Name, Passwort oder Code ist falsch.',
  },
  welcome: {
    title: 'Passwort wählen',
    lead: 'Das Einmal-Token kommt von „ringfence operator invite“ oder „operator reset“. Es gilt einmal, 24 Stunden lang.',
    token: 'Einmal-Token',
    password: 'Neues Passwort',
    passwordHelp: 'mindestens 12 Zeichen',
    go: 'Passwort setzen',
    back: 'Stattdessen anmelden',
  },
  common: {
    loading: 'Lädt',
    again: 'Noch einmal',
    more: 'Mehr zeigen',
    all: 'Alle',
    search: 'Suchen',
    from: 'Von',
    to: 'Bis',
    cancel: 'Abbrechen',
    save: 'Speichern',
    close: 'Schließen',
    yes: 'Ja',
    no: 'Nein',
    none: '–',
    unlimited: 'keine Grenze',
    show: 'Anzeigen',
    copy: 'Kopieren',
    copied: 'Kopiert',
    download: 'Als CSV herunterladen',
    typeToConfirm: name => `Zum Fortfahren ${name} eingeben`,
    rows: (count, isExact) => (isExact ? `${count} insgesamt` : `mehr als ${count}`),
    timesIn: zone => `Zeiten in ${zone}`,
    secondsAgo: seconds => `vor ${seconds} s`,
    minutesAgo: minutes => `vor ${minutes} min`,
    available: 'verfügbar',
    heldForCalls: 'für Gespräche reserviert',
    spentInCalls: 'in laufenden Gesprächen verbraucht',
    balance: 'Guthaben',
    creditLimit: 'Kreditrahmen',
    refused: 'Abgelehnt',
    seeMore: 'Was zu tun ist',
  },
  live,
  calls,
  accounts,
  own,
};
