import { CallDevices } from './call_devices';
import { CallTest } from './call_test';

/** What calls use, and why one does not work. */
export function Calls() {
  return (
    <>
      <CallDevices />
      <CallTest />
    </>
  );
}
