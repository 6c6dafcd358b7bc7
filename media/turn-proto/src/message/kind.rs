/// What a message is for (RFC 8656, section 17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// "How do you see me?"
    Binding,
    /// An address at which peers reach the client.
    Allocate,
    /// To keep it, or give it back.
    Refresh,
    /// Data to a peer.
    Send,
    /// Data from a peer.
    Data,
    /// To let a peer in.
    CreatePermission,
    /// A number for a peer.
    ChannelBind,
}

/// Who is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Is answered.
    Request,
    /// Is not.
    Indication,
    /// An answer.
    Success,
    /// An answer that refuses.
    Error,
}

/// The first two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind {
    /// What it is for.
    pub method: Method,
    /// Who is answered.
    pub class: Class,
}

const METHODS: [(Method, u16); 7] = [
    (Method::Binding, 0x001),
    (Method::Allocate, 0x003),
    (Method::Refresh, 0x004),
    (Method::Send, 0x006),
    (Method::Data, 0x007),
    (Method::CreatePermission, 0x008),
    (Method::ChannelBind, 0x009),
];
const CLASSES: [(Class, u16); 4] =
    [(Class::Request, 0x000), (Class::Indication, 0x010), (Class::Success, 0x100), (Class::Error, 0x110)];
/// The bits of the class lie between those of the method; the methods here have no bit above them.
const CLASS_BITS: u16 = 0x110;

impl Kind {
    /// As the first 16 bits say. `None` for methods that are not ours.
    #[must_use]
    pub fn read(bits: u16) -> Option<Self> {
        let (method, _) = METHODS.iter().find(|(_, number)| *number == bits & !CLASS_BITS)?;
        let (class, _) = CLASSES.iter().find(|(_, number)| *number == bits & CLASS_BITS)?;
        Some(Self { method: *method, class: *class })
    }

    /// The first 16 bits.
    #[must_use]
    pub fn bits(self) -> u16 {
        let method = METHODS.iter().find(|(method, _)| *method == self.method).map_or(0, |(_, bits)| *bits);
        let class = CLASSES.iter().find(|(class, _)| *class == self.class).map_or(0, |(_, bits)| *bits);
        method | class
    }
}
