//! Load whose every line can be told whole from its id alone.

use world::stanza::ns;
use world::{Device, Element, Seeded};

/// Messages that a sender leaves unacknowledged at once.
const WINDOW: usize = 16;

/// One message of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Line {
    pub(crate) sender: usize,
    pub(crate) round: u32,
    pub(crate) number: u32,
}

impl Line {
    /// The message id, from which the line can be read back.
    fn id(self) -> String {
        format!("load-{}-{}-{}", self.sender, self.round, self.number)
    }

    /// Reads an id; `None` when it is not one of the load.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        let mut parts = id.strip_prefix("load-")?.split('-');
        let sender = parts.next()?.parse().ok()?;
        let round = parts.next()?.parse().ok()?;
        let number = parts.next()?.parse().ok()?;
        Some(Self { sender, round, number })
    }

    /// The text that belongs to this line: 20 to some 3000 characters that follow from the id.
    pub(crate) fn body(self) -> String {
        let seed = ((self.sender as u64) << 48) | (u64::from(self.round) << 24) | u64::from(self.number);
        let mut chance = Seeded::new(seed);
        let words = chance.between(1, 180);
        let text: Vec<String> = (0..words).map(|_| format!("{:016x}", chance.bits())).collect();
        format!("{} {}", self.id(), text.join(" "))
    }
}

/// Who writes what to whom.
pub(crate) struct Sender {
    pub(crate) number: usize,
    pub(crate) round: u32,
    pub(crate) to: String,
    pub(crate) hint: &'static str,
}

impl Sender {
    /// Sends without pause, a window ahead of the acknowledgements, until the stream ends; the acknowledged lines.
    pub(crate) async fn send_until_cut(self, mut device: Device) -> Vec<Line> {
        let (mut next, mut acknowledged) = (0_u32, Vec::new());
        loop {
            while (next as usize) < acknowledged.len() + WINDOW {
                let line = Line { sender: self.number, round: self.round, number: next };
                device.message(&self.to, &line.id(), &line.body(), self.hint).await;
                next += 1;
            }
            let Some(element) = device.next().await else { return acknowledged };
            assert_ne!(element.attr("type"), Some("error"), "load is not refused: {element:?}");
            acknowledged.extend(acknowledgement(&element));
        }
    }
}

fn acknowledgement(element: &Element) -> Option<Line> {
    let receipt = element.child("received", ns::RECEIPTS)?;
    (receipt.attr("entity") == Some("server")).then(|| Line::from_id(receipt.attr("id")?)).flatten()
}

/// Takes what comes until the stream ends; the lines delivered, each checked to be whole.
pub(crate) async fn receive_until_cut(mut device: Device) -> Vec<Line> {
    let mut delivered = Vec::new();
    while let Some(element) = device.next().await {
        let line = element.attr("id").and_then(Line::from_id);
        if let (Some(line), Some(body)) = (line, element.body()) {
            assert_eq!(body, line.body(), "delivered, and not whole");
            delivered.push(line);
        }
    }
    delivered
}
