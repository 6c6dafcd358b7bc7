import { box } from './box';
import { bubble } from './bubble';
import { call } from './call';
import { calltest } from './calltest';
import { chat } from './chat';
import { company } from './company';
import { door } from './door';
import { file } from './file';
import { frame } from './frame';
import { join } from './join';
import { meet } from './meet';
import { parts } from './parts';
import { password } from './password';
import { people } from './people';
import { poll } from './poll';
import { settings } from './settings';
import { setup } from './setup';
import { shared } from './shared';
import { signIn } from './sign-in';
import { start } from './start';

const table = {
  ...shared,
  ...file,
  ...frame,
  ...start,
  ...setup,
  ...signIn,
  ...join,
  ...password,
  ...call,
  ...calltest,
  ...chat,
  ...bubble,
  ...door,
  ...meet,
  ...people,
  ...poll,
  ...parts,
  ...settings,
  ...company,
  ...box,
};

export type Strings = Record<keyof typeof table, string>;
export const strings: Strings = table;
