# Our own API, for developers.

api-docs-title = 接口文档
api-docs-heading = 接口文档
api-docs-lead = 供程序调用：核验内容、提交投诉与申诉、报送终端用户的信息、读取公开日志。逐项说明与接口返回的文字一致，为英文。
api-docs-base = 接口地址
api-docs-key = 应用密钥
api-docs-document = OpenAPI 文档
api-docs-models = 模型接口（与 OpenAI 兼容）
api-docs-contents = 接口列表
api-docs-needs-key = 需要密钥
api-docs-parameters = 参数
api-docs-name = 名称
api-docs-place = 位置
api-docs-type = 类型
api-docs-meaning = 含义
api-docs-in-path = 路径
api-docs-in-query = 查询
api-docs-optional = 可选
api-docs-body = 请求体
api-docs-nothing = 无内容
api-docs-list-of = 列表，每项为
api-docs-schemas = 数据结构
api-docs-members = 字段
