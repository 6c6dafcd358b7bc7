import { Choices } from '../../components/field';
import { VISIBILITIES, type Visibility } from '../../protocol/admin';
import { type StringKey, text } from '../../state/language';

export const MODE_NAMES: Record<Visibility, StringKey> = {
  public: 'company_mode_public',
  private: 'company_mode_private',
  organization: 'company_mode_organization',
  closed: 'company_mode_closed',
  isolated: 'company_mode_isolated',
};

const MODE_TEXTS: Record<Visibility, StringKey> = {
  public: 'company_mode_public_text',
  private: 'company_mode_private_text',
  organization: 'company_mode_organization_text',
  closed: 'company_mode_closed_text',
  isolated: 'company_mode_isolated_text',
};

interface ModesProps {
  value: Visibility;
  /** Only a company of an organization may be in that mode (B2). */
  inOrganisation: boolean;
  /** Below a heading that says what it is. */
  named?: boolean;
  onChange: (mode: Visibility) => void;
}

/** What a company lets outsiders do, in words (B3). */
export function Modes({ value, inOrganisation, named = false, onChange }: ModesProps) {
  const modes = VISIBILITIES.filter((mode) => mode !== 'organization' || inOrganisation || value === mode);
  return <Choices legend={text('company_mode')} named={named} name="mode" value={value} options={modes.map((mode) => ({ value: mode, name: text(MODE_NAMES[mode]), text: text(MODE_TEXTS[mode]) }))} onChange={onChange} />;
}
