use super::{Bound, close};
use crate::bubble::Step;
use crate::bubble::link::{Arrival, check_password, held, knock};
use crate::people::add::{check, enter};
use crate::people::password::make_for_stranger;
use crate::people::{NewUser, Profile, User};
use crate::sign_in::{self, SignedIn, pace};
use crate::{App, AppError, Source};
use domain::ids::{BubbleId, CompanyId, UserId};
use domain::rights::Roles;
use zeroize::Zeroizing;

/// Longest name of a guest, in characters.
const NAME_LENGTH_MAX: usize = 80;

/// How a guest shows later who he is.
pub enum SignIn {
    /// By an address and a password, as Rainbow's SDK does.
    Password {
        /// The address.
        email: String,
        /// The password (A1).
        password: Zeroizing<String>,
    },
    /// By the session that begins now, and by nothing else.
    Session {
        /// What signs in, for the list of sessions.
        client: String,
    },
}

/// Somebody without an account comes by a link.
pub struct NewGuest {
    /// The link's token.
    pub token: Zeroizing<String>,
    /// The bubble's password, if he knows one.
    pub room_password: Option<Zeroizing<String>>,
    /// How he wants to be called, and in which language he reads.
    pub profile: Profile,
    /// How he shows later who he is.
    pub sign_in: SignIn,
    /// From where.
    pub source: Source,
}

/// A guest who has come.
pub struct Registered {
    /// His account.
    pub user: User,
    /// The company that his account is in: the bubble's.
    pub company: CompanyId,
    /// Where he is.
    pub arrival: Arrival,
    /// The session that began, where he asked for it.
    pub session: Option<SignedIn>,
}

/// Makes somebody a guest of the bubble of a link, and steps to its door.
///
/// # Errors
/// [`AppError::NotFound`] for what is no link, or lets no guests in; [`AppError::WrongRoomPassword`], [`AppError::Bubble`]
/// where the bubble is locked or full; a name, address or password that breaks a rule; [`AppError::Busy`] where too many
/// came.
pub async fn register(app: &App, new: NewGuest) -> Result<Registered, AppError> {
    app.doorstep.pass(Bound::Enter, new.source, app.clock.now_ms())?;
    let (bubble, company) = pace::in_step(door(app, &new.token)).await?;
    check_name(&new.profile)?;
    check_password(app, &bubble, ("guest", new.source), new.room_password.as_ref()).await?;
    let (account, client) = account(app, new.profile, new.sign_in);
    check(app, &company, &account)?;
    let password = match &account.password {
        Some(password) => Some(make_for_stranger(app, new.source, password).await?),
        None => None,
    };
    let user = enter(app, &company, account, password).await?;
    match arrive(app, &bubble, &company, &user, client).await {
        Ok((arrival, session)) => Ok(Registered { user, company, arrival, session }),
        Err(refused) => {
            // The door was shut meanwhile: who is nobody's guest has no account.
            close(app, &user.id).await?;
            Err(refused)
        }
    }
}

/// The bubble of a link and its company, if a guest may step to its door now.
async fn door(app: &App, token: &str) -> Result<(BubbleId, CompanyId), AppError> {
    let id = held(app, token).await?;
    let nobody = UserId::random(app.rng.as_ref());
    let relations = app.relations();
    let bubble = relations.bubble(&id).filter(|bubble| relations.takes_guests(bubble));
    let bubble = bubble.ok_or(AppError::NotFound("link"))?;
    bubble.permits(&nobody, &Step::Knock { guest: true })?;
    let company = bubble.company.clone();
    Ok((id, company))
}

fn check_name(profile: &Profile) -> Result<(), AppError> {
    let name = profile.full_name();
    let fits = (1..=NAME_LENGTH_MAX).contains(&name.chars().count());
    let why = || AppError::invalid("firstName", format!("expected a name of 1 to {NAME_LENGTH_MAX} characters"));
    if fits { Ok(()) } else { Err(why()) }
}

fn account(app: &App, profile: Profile, sign_in: SignIn) -> (NewUser, Option<String>) {
    let (email, password, client) = match sign_in {
        SignIn::Password { email, password } => (email, Some(password), None),
        SignIn::Session { client } => (super::close::no_address(app), None, Some(client)),
    };
    let roles = Roles::GUEST;
    (NewUser { email, password, profile, set_apart: None, roles, active: true }, client)
}

async fn arrive(
    app: &App,
    bubble: &BubbleId,
    company: &CompanyId,
    user: &User,
    client: Option<String>,
) -> Result<(Arrival, Option<SignedIn>), AppError> {
    let session = match client {
        Some(client) => Some(sign_in::sign_in_guest(app, company, user.clone(), &client).await?),
        None => None,
    };
    let waiting = knock(app, &user.id, true, bubble).await?;
    Ok((Arrival { bubble: bubble.clone(), already: false, waiting }, session))
}
