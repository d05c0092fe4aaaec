import { AppShell, Burger, Button, Menu, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { useHolder } from '../api/held';
import { useLogOut, useSession } from '../api/session';
import { RefusalNote } from '../parts/page';
import { LANGUAGES, type Language, useReading } from '../texts/texts';
import { usePages } from './pages';
import classes from './shell.module.css';

/** Navigation, the person, and the page. */
export function Frame() {
  const { texts } = useReading();
  const { shell } = texts;
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const pages = usePages();
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 208, breakpoint: 'md', collapsed: { mobile: !isOpen } }}
      padding={{ base: 12, md: 24 }}
    >
      <a className={classes.skip} href="#page">
        {shell.skip}
      </a>
      <AppShell.Header>
        <div className={classes.header}>
          <Burger opened={isOpen} onClick={toggle} hiddenFrom="md" size="sm" aria-label={shell.menu} />
          <Link to="/" className={classes.brand} style={{ color: 'inherit', textDecoration: 'none' }}>
            <img src="/icon.svg" alt="" width={24} height={24} /> Ringfence
          </Link>
          <PersonMenu />
        </div>
      </AppShell.Header>
      <AppShell.Navbar p={8} className={isOpen ? undefined : classes.closed} bg="var(--rf-raised)">
        <nav className={classes.nav} aria-label={shell.pages}>
          {pages.map(({ to, name }) => (
            <Link key={to} to={to} onClick={close} activeProps={{ 'aria-current': 'page' }}>
              {texts[name].title}
            </Link>
          ))}
        </nav>
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function PersonMenu() {
  const { texts, language, choose } = useReading();
  const { shell } = texts;
  const { name, roles } = useSession();
  const logOut = useLogOut();
  const leaving = useMutation({ mutationFn: logOut });
  const isLosing = useHolder() !== null;
  const [isAsked, setAsked] = useState(false);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const looks = { auto: shell.likeSystem, light: shell.light, dark: shell.dark } as const;
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} onClose={() => setAsked(false)}>
      <Menu.Target>
        <Button variant="default" size="xs">
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{roles.join(', ')}</Menu.Label>
        <Menu.Item component={Link} to="/me">
          {texts.me.title}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{shell.language}</Menu.Label>
        <Menu.RadioGroup value={language} onChange={code => choose(code as Language)}>
          {Object.entries(LANGUAGES).map(([code, { name: word }]) => (
            <Menu.RadioItem key={code} value={code} closeMenuOnClick>
              {word}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Label>{shell.appearance}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={look => setColorScheme(look as keyof typeof looks)}>
          {Object.entries(looks).map(([look, word]) => (
            <Menu.RadioItem key={look} value={look} closeMenuOnClick>
              {word}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        {isAsked && isLosing && (
          <Menu.Label id="loses" maw={260} c="var(--rf-attention)">
            {shell.logOutLoses}
          </Menu.Label>
        )}
        <Menu.Item
          closeMenuOnClick={false}
          {...(isAsked && isLosing && { 'aria-describedby': 'loses' })}
          onClick={() => (isLosing && !isAsked ? setAsked(true) : leaving.mutate())}
        >
          {isAsked && isLosing ? shell.logOutAnyway : shell.logOut}
        </Menu.Item>
        <RefusalNote error={leaving.error} />
      </Menu.Dropdown>
    </Menu>
  );
}
