import { useTexts } from '../texts/texts';
import { Empty, Page } from './page';

/** A page that is not for the person's roles: why, and who can change it. */
export function NoPermission({ title }: { title: string }) {
  const { shell } = useTexts();
  return (
    <Page title={title}>
      <Empty>
        <p>{shell.noPermission}</p>
        <p>{shell.askAdmin}</p>
      </Empty>
    </Page>
  );
}
