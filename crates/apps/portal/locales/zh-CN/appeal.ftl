# The statement of reasons and its appeal.

appeal-title = 处置决定与申诉
appeal-heading = 处置决定与申诉
appeal-lead = 这里说明作出该决定的事实和依据。如有异议，可以直接在本页申诉，无需注册。
appeal-statement-title = 理由说明
appeal-form-title = 提出申诉
appeal-form-text = { $day }前均可申诉，由未参与原决定的工作人员复核。
appeal-text-label = 申诉理由
appeal-text-hint = 请说明您认为决定不当的原因。
appeal-submit = 提交申诉
appeal-filed-title = 已提出申诉
appeal-filed-text = 对该决定已经提出过申诉，请凭回执查看进度。
appeal-filed-link = 查询进度
appeal-over = 申诉期限已于{ $day }届满。
appeal-over-link = 您仍可提出投诉
statement-made-at = 决定时间
statement-means = 发现与决定方式
statement-rule = 触发的规则
statement-grounds = 法律依据
statement-ground = 《{ $title }》{ $article }
statement-limit = 申诉答复时限
statement-id = 决定编号
statement-overturned = 该决定已于 { $time } 经申诉撤销，不再有效。
statement-released = 此前被拦截、现予恢复的内容
