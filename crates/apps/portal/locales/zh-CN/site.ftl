# The frame around every page.

site-name = 朱砂
site-skip = 跳到正文
site-nav-label = 主导航
site-nav-chat = 对话
site-nav-verify = 核验
site-nav-cases = 投诉与申诉
site-nav-rules = 规则与公示
site-language-label = 语言
site-trial-name = 试用模式
site-trial-text = 仅供在本机体验，不得向公众提供服务；标识中的服务提供者编码为占位值。
site-footer-provider = 服务提供者：{ $provider }
site-footer-contact = 联系方式：{ $contact }
site-footer-agreement = 服务协议
site-footer-cases = 查询进度
site-footer-ledger = 公开日志
site-footer-api = 接口文档
site-footer-operators = 工作人员登录
site-copy = 复制
site-copied = 已复制
form-errors = 有内容需要修改，请查看下方标出的地方。
