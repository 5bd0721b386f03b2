# Our own API, for developers.

api-docs-title = API
api-docs-heading = API reference
api-docs-lead = For programs: verify content, file cases, report what you know of end users, and read the public log.
api-docs-base = Base address
api-docs-key = Application key
api-docs-document = OpenAPI document
api-docs-models = Models (OpenAI-compatible)
api-docs-contents = Operations
api-docs-needs-key = needs a key
api-docs-parameters = Parameters
api-docs-name = Name
api-docs-place = Where
api-docs-type = Type
api-docs-meaning = Meaning
api-docs-in-path = in the path
api-docs-in-query = in the query
api-docs-optional = optional
api-docs-body = Takes
api-docs-nothing = nothing
api-docs-list-of = list of
api-docs-schemas = Bodies
api-docs-members = Members
