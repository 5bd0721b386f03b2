# The statement of reasons and its appeal.

appeal-title = Decision and appeal
appeal-heading = Decision and appeal
appeal-lead = This page gives the facts and grounds of the decision. If you disagree you can appeal right here, without an account.
appeal-statement-title = Statement of reasons
appeal-form-title = Appeal
appeal-form-text = You can appeal until { $day }. Someone who had no part in the decision reviews it.
appeal-text-label = Why you disagree
appeal-text-hint = Please say why you think the decision is wrong.
appeal-submit = File the appeal
appeal-filed-title = An appeal was filed
appeal-filed-text = An appeal against this decision was filed. Follow it with the number and code of its receipt.
appeal-filed-link = Follow the case
appeal-over = The time for an appeal ended on { $day }.
appeal-over-link = You can still file a complaint
statement-made-at = Decided
statement-means = How it was found and decided
statement-rule = Rule
statement-grounds = Legal grounds
statement-ground = { $title }, article { $article }
statement-limit = Appeals are answered
statement-id = Decision id
statement-overturned = This decision was undone on appeal on { $time } and no longer holds.
statement-released = What had been held back and is now released
