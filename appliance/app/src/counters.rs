use domain::count::Count;

/// What the application has done and refused since it was started (F4).
#[derive(Debug, Default)]
pub struct Counters {
    /// Passwords that were right.
    pub passwords_right: Count,
    /// Passwords that were wrong, and repetitions of those.
    pub passwords_wrong: Count,
    /// Passwords that were not looked at, because their account waits (A5).
    pub passwords_unread: Count,
    /// Sign-ins that ended because the account had more than it may.
    pub sessions_displaced: Count,
    /// Messages that were accepted: stored, or handed to a device that was there.
    pub messages_accepted: Count,
    /// Invitations refused beyond those of a day, addresses of nobody among them.
    pub invitations_refused: Count,
    /// Files that were found clean and passed on.
    pub files_clean: Count,
    /// Files that were refused: by the virus scanner, or because it never looked at them.
    pub files_refused: Count,
    /// Pictures that were made small.
    pub thumbnails_made: Count,
    /// Pictures that could not be.
    pub thumbnails_failed: Count,
    /// Credentials for relays that were handed out.
    pub credentials_made: Count,
    /// Those that were not, because somebody asked without end.
    pub credentials_refused: Count,
    /// How often somebody stopped using the relay.
    pub relays_ended: Count,
    /// Pushes to browsers dropped because too many were due.
    pub pages_dropped: Count,
}

/// How full the application is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Companies on the box.
    pub companies: usize,
    /// Accounts on the box.
    pub accounts: usize,
    /// Databases that are open.
    pub databases: usize,
    /// Changes that wait for the writers of all databases.
    pub changes_waiting: usize,
    /// Passwords that wait to be hashed.
    pub passwords_waiting: usize,
    /// Passwords refused because too many waited, all together and of their source.
    pub passwords_refused: (u64, u64),
    /// Pushes that wait for their browsers' services.
    pub pages_waiting: usize,
    /// Files that are being received.
    pub uploads: usize,
    /// Files that wait for the virus scanner.
    pub files_held: usize,
    /// Pictures that wait to be made small.
    pub pictures_waiting: usize,
    /// Connected devices.
    pub live: LiveLoad,
}

/// Connected devices, and what waits for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LiveLoad {
    /// Devices, those included whose connection is lost and may come back.
    pub devices: usize,
    /// Stanzas that wait for all of them together.
    pub waiting: usize,
    /// Stanzas that wait for the one that most wait for.
    pub waiting_longest: usize,
    /// Devices cut off until now because too much waited for them.
    pub too_slow: u64,
    /// Devices refused until now because their account had too many.
    pub refused: u64,
}
