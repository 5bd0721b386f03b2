//! The library as a file.

use std::collections::HashMap;

use identity::Permission;
use safety::Category;
use terms::Actor;

use super::{
    content,
    coverage::risks_of,
    files::{self, FilingKeyword, LexiconFormat},
};
use crate::{OperationError, Operations};

impl Operations {
    /// A version of the library as a file, the newest where none is named. The keyword form of the filing has the lists of pack and
    /// configuration too, since it is about what the service blocks.
    ///
    /// # Errors
    /// Without the permission, or for a version that there is not.
    pub async fn lexicon_export(
        &self,
        actor: &Actor,
        version: Option<u64>,
        format: LexiconFormat,
    ) -> Result<Vec<u8>, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let newest = self.lexicon_newest().await?;
        let number = version.unwrap_or(newest);
        if number > newest {
            return Err(OperationError::NotFound { what: "lexicon version" });
        }
        let rows = content::of_version(&self.inner.store, number).await?;
        let keywords = if format == LexiconFormat::Filing {
            let stored: HashMap<String, store::LexiconCategoryRow> = self
                .inner
                .store
                .lexicon_category_list()
                .await?
                .into_iter()
                .map(|row| (row.category.clone(), row))
                .collect();
            let listed = self.inner.rules.lists.iter().flat_map(|list| &list.entries);
            let listed = listed
                .filter(|entry| !entry.is_allowed_phrase() && *entry.category() != Category::Test)
                .map(|entry| (entry.term().to_owned(), entry.category().clone()));
            let own = rows.iter().filter(|row| row.measure != "allow");
            let own = own.filter_map(|row| Some((row.term.clone(), Category::from_code(&row.category)?)));
            let keyword = |(term, category): (String, Category)| {
                let code = category.code();
                FilingKeyword { term, risks: risks_of(&code, stored.get(&code)), category }
            };
            Some(listed.chain(own).map(keyword).collect::<Vec<_>>())
        } else {
            None
        };
        crate::threads::off_the_threads_that_serve(move || match keywords {
            Some(keywords) => files::write_filing(&keywords),
            None => files::write(format, &rows),
        })
        .await
    }
}
