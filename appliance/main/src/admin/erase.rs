//! Erasing a company at the console (D2).

use super::refusal;
use app::{App, AppError, backup, company};
use appliance_contract::{Answer, CompanyErase, ErasedAt, ErasurePlan, Receipts, Refusal};
use domain::ids::CompanyId;

pub(super) async fn erase(app: &App, asked: CompanyErase) -> Result<Answer, Refusal> {
    let refused = |failure: AppError| match failure {
        AppError::Forbidden => cannot_be_erased(&asked.company),
        other => refusal(&asked.company, &other),
    };
    let id = CompanyId::parse(&asked.company).map_err(|_| refused(AppError::NotFound("a company of this id")))?;
    let (name, plan) = company::erasure_plan(app, &id).await.map_err(refused)?;
    let Some(typed) = asked.name else {
        return Ok(Answer::ErasurePlan(ErasurePlan {
            name,
            people: plan.people,
            messages: plan.messages,
            bubbles: plan.bubbles,
            files: plan.files,
            file_bytes: plan.file_bytes,
        }));
    };
    if typed != name {
        return Err(Refusal {
            code: String::from("other_name"),
            message: format!("company {id} is called otherwise than what was typed"),
            what_to_do: String::from("Type its name exactly; nothing was erased"),
        });
    }
    let erased = company::destroy(app, &id).await.map_err(|failure| refusal(id.as_str(), &failure))?;
    let of = |(target, outcome): (String, Result<(), _>)| ErasedAt { target, kept: outcome.err().map(told_of) };
    let backups = erased.backups.into_iter().map(of).collect();
    Ok(Answer::Erased { receipt: serde_json::to_string_pretty(&erased.receipt).unwrap_or_default(), backups })
}

fn told_of(failure: backup::BackupError) -> String {
    failure.to_string()
}

pub(super) async fn receipts(app: &App) -> Result<Answer, Refusal> {
    let refused = |failure: AppError| refusal("the receipts", &failure);
    let public_key = company::receipt_key(app).await.map_err(refused)?;
    let receipts = company::receipts(app).await.map_err(refused)?;
    Ok(Answer::Receipts(Receipts { public_key, receipts }))
}

fn cannot_be_erased(company: &str) -> Refusal {
    Refusal {
        code: String::from("cannot_be_erased"),
        message: format!(
            "{company} is the company of the box's owner, or that of people who belong to no other: without it the box could \
             not be administered"
        ),
        what_to_do: String::from("To end the whole box, stop it and destroy its root key and its data folder"),
    }
}
