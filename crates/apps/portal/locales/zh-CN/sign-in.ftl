# Signing in, for operators.

sign-in-title = 工作人员登录
sign-in-heading = 工作人员登录
sign-in-lead = 仅供服务提供者的工作人员使用。对话、核验、投诉与申诉均无需登录。
sign-in-name = 用户名
sign-in-password = 密码
sign-in-submit = 登录
sign-in-failed = 用户名或密码错误。
sign-in-too-many = 失败次数过多，请十五分钟后再试。
invitation-title = 接受邀请
invitation-heading = 设置您的账号
invitation-lead = 此链接只能使用一次。设置完成后将直接进入工作台。
invitation-name-hint = 用于登录，其他工作人员可以看到。
invitation-password-hint = 至少 12 个字符；可以使用一句话。
invitation-submit = 创建账号
invitation-error-name = 请填写用户名，不超过 100 字节。
invitation-error-password = 密码过短或过长，请至少使用 12 个字符。
invitation-error-taken = 该用户名已被使用。
role-administrator = 管理员
role-reviewer = 复核人员
role-compliance = 合规人员
role-auditor = 审计人员
role-service = 系统
role-application = 应用
role-user = 使用者
role-anonymous = 访客
