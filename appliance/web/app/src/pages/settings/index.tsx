import './settings.css';
import { Button } from '../../components/button';
import { type Section, Sections } from '../../components/sections';
import { text } from '../../state/language';
import { route } from '../../state/route';
import { signOut } from '../../state/session';
import { About } from './about';
import { Appearance } from './appearance';
import { Applications } from './applications';
import { BlockedPeople } from './blocked';
import { Calls } from './calls';
import { Notifications } from './notifications';
import { Profile } from './profile';
import { Security } from './security';

const SECTIONS: readonly Section[] = [
  { path: 'profile', name: 'settings_profile', icon: 'person', Page: Profile },
  { path: 'appearance', name: 'settings_appearance', icon: 'globe', Page: Appearance },
  { path: 'notifications', name: 'settings_notifications', icon: 'bell', Page: Notifications },
  { path: 'calls', name: 'settings_calls', icon: 'phone', Page: Calls },
  { path: 'security', name: 'settings_security', icon: 'shield', Page: Security },
  { path: 'applications', name: 'settings_applications', icon: 'key', Page: Applications },
  { path: 'blocked', name: 'settings_blocked', icon: 'block', Page: BlockedPeople },
  { path: 'about', name: 'settings_about', icon: 'info', Page: About },
];

export default function Settings() {
  const leave = <Button kind="quiet" icon="leave" onClick={() => void signOut()}>{text('sign_out')}</Button>;
  return <Sections page="settings" title={text('nav_settings')} sections={SECTIONS} current={route.value.rest[0]} footer={leave} />;
}
