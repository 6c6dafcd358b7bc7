//! The archive of a room, read page by page from its beginning, again and again (XEP-0313, `urn:xmpp:mam:2`).

use super::room::{enter, groupchat, wait};
use super::{Orders, Span};
use crate::latency::count_f64;
use crate::server::{Room, Server};
use crate::session::attribute;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

/// Messages of a page: the most that Prosody gives at once.
pub const PAGE: usize = 50;
/// Messages that are on their way to the archive at once.
const OUTSTANDING: usize = 64;

/// What became of it.
#[derive(Clone, Copy, Debug)]
pub struct Pages {
    pub per_cpu_s: f64,
    pub per_s: f64,
    /// Pages that were read.
    pub count: usize,
}

/// Somebody who reads: where he is.
#[derive(Clone, Debug, Default)]
struct Reader {
    after: String,
    /// Messages of the page that comes.
    came: usize,
}

struct Library {
    room: String,
    everybody: RefCell<Vec<Orders>>,
    readers: RefCell<Vec<Reader>>,
    /// What was said and heard by its first member.
    archived: Cell<usize>,
    asked: Cell<usize>,
    pages: Cell<usize>,
    wrong: RefCell<Option<String>>,
    again: Cell<bool>,
}

impl Library {
    fn ask(&self, who: usize) {
        let after = match &*self.readers.borrow()[who].after {
            "" => String::new(),
            place => format!("<after>{place}</after>"),
        };
        let query = format!(
            "<iq xmlns='jabber:client' type='set' id='page' to='{}'><query xmlns='urn:xmpp:mam:2' queryid='q'>\
             <set xmlns='http://jabber.org/protocol/rsm'><max>{PAGE}</max>{after}</set></query></iq>",
            self.room
        );
        self.asked.set(self.asked.get() + 1);
        // A session that has ended has told so.
        let _ = self.everybody.borrow()[who].try_send(Rc::from(query));
    }

    fn hears(&self, who: usize, frame: &str) {
        if attribute(frame, "type") == Some("error") {
            self.wrong.replace(Some(frame.to_owned()));
        } else if frame.starts_with("<message") && frame.contains("<result") {
            self.readers.borrow_mut()[who].came += 1;
        } else if frame.starts_with("<message") && who == 0 && frame.contains("<body") {
            self.archived.set(self.archived.get() + 1);
        } else if frame.starts_with("<iq") && frame.contains("<fin") {
            self.ends(who, frame);
        }
    }

    /// A page has come whole.
    fn ends(&self, who: usize, frame: &str) {
        let complete = ["complete='true'", "complete=\"true\""].iter().any(|word| frame.contains(word));
        let last = frame.split_once("<last>").and_then(|(_, rest)| rest.split('<').next()).unwrap_or_default();
        {
            let reader = &mut self.readers.borrow_mut()[who];
            if reader.came != PAGE {
                self.wrong.replace(Some(format!("{} messages and not {PAGE}: {frame}", reader.came)));
            }
            *reader = Reader { after: if complete { String::new() } else { last.to_owned() }, came: 0 };
        }
        self.pages.set(self.pages.get() + 1);
        if self.again.get() {
            self.ask(who);
        }
    }
}

/// Fills the archive of a room with so many messages, a whole number of pages, and then lets all of its members read it.
///
/// # Errors
/// When somebody cannot log in or enter, or a page is not as long as it should be.
pub async fn run(server: &Server, room: &Room, messages: usize, span: Span) -> Result<Pages, String> {
    let library = Rc::new(Library {
        room: room.jid.clone(),
        everybody: RefCell::default(),
        readers: RefCell::new(vec![Reader::default(); room.members]),
        archived: Cell::new(0),
        asked: Cell::new(0),
        pages: Cell::new(0),
        wrong: RefCell::default(),
        again: Cell::new(true),
    });
    let hearer = Rc::clone(&library);
    let everybody = enter(server, room, move |who, frame| hearer.hears(who, frame)).await?;
    library.everybody.replace(everybody);
    for number in 0..messages {
        wait(|| (number + 1).saturating_sub(OUTSTANDING), || library.archived.get())
            .await
            .map_err(|_| "nothing more is archived")?;
        let text = groupchat(&room.jid, &format!("h{number}"));
        library.everybody.borrow()[0].try_send(Rc::from(text)).map_err(|error| error.to_string())?;
    }
    wait(|| messages, || library.archived.get()).await.map_err(|left| format!("{left} are not archived"))?;
    (0..room.members).for_each(|who| library.ask(who));
    tokio::time::sleep(span.warm_up).await;
    let (before, cpu, begun) = (library.pages.get(), server.cpu(), Instant::now());
    tokio::time::sleep(span.measured).await;
    let (count, cpu, wall) = (library.pages.get() - before, server.cpu() - cpu, begun.elapsed());
    library.again.set(false);
    wait(|| library.asked.get(), || library.pages.get()).await.map_err(|left| format!("{left} pages do not come"))?;
    if let Some(wrong) = library.wrong.take() {
        return Err(wrong);
    }
    let pages = count_f64(count);
    Ok(Pages { per_cpu_s: pages / cpu.as_secs_f64(), per_s: pages / wall.as_secs_f64(), count })
}
