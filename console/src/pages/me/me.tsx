/** What each person sees to: the own password, second factor and sessions. */
import { createLazyRoute } from '@tanstack/react-router';
import { useSession } from '../../api/session';
import { Page } from '../../parts/page';
import { Clipped } from '../../parts/table';
import { useTexts } from '../../texts/texts';
import { Factor } from './factor';
import classes from './me.module.css';
import { Password } from './password';
import { Sessions } from './sessions';

export const Route = createLazyRoute('/me')({ component: Me });

function Me() {
  const { me } = useTexts();
  const { name } = useSession();
  return (
    <div className={classes.me}>
      <Page title={me.title} beside={<Clipped>{name}</Clipped>} hasTimes>
        <Password />
        <Factor />
        <Sessions />
      </Page>
    </div>
  );
}
