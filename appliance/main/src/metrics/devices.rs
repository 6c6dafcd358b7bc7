use super::{Page, Seen};

/// Connected devices and their queues.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let live = &seen.load.live;
    let help = "Devices of people, those included whose connection is lost and may come back.";
    page.gauge("rainbow_edge_devices", help, live.devices);
    let help = "Stanzas that wait for devices, all together.";
    page.gauge("rainbow_edge_device_queue_stanzas", help, live.waiting);
    let help = "Stanzas that wait for the device that most wait for.";
    page.gauge("rainbow_edge_device_queue_longest_stanzas", help, live.waiting_longest);
}
