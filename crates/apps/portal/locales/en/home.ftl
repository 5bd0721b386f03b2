# The first page.

home-title = Home
home-heading = Everything generated, attested
home-lead = Cinnabar is the vermilion of the Chinese seal. Everything generated here is labelled and recorded in a log that anyone can check. If you disagree with a decision you can appeal, and you get an answer within a published time.
home-chat-link = Start a chat
home-verify-link = Verify content
home-card-chat-title = Talk to an AI
home-card-chat-text = Answers are checked while they are generated and end with a label and an id.
home-card-verify-title = Verify a text
home-card-verify-text = Enter an id or paste a text to see whether it was generated here, and download a proof that verifies offline.
home-card-cases-title = Complain, report, appeal
home-card-cases-text = No account needed. You get a receipt at once and follow progress and answer with it.
home-card-rules-title = The rules
home-card-rules-text = Who provides this, with which models, under which rules, and in what time you are answered.
home-programs-title = For programs
home-programs-text = The interface is compatible with OpenAI's: point your client at this address and use an application key.
